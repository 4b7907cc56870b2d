# The docs page reads JSON; the contract is written in YAML.
# Debian's own python3, for which python3-yaml is packaged.
set(Python3_EXECUTABLE /usr/bin/python3)
function(evently_openapi_json yaml json)
  add_custom_command(OUTPUT ${json}
    COMMAND ${Python3_EXECUTABLE} -c
      "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), open(sys.argv[2], 'w'), ensure_ascii=False)"
      ${yaml} ${json}
    DEPENDS ${yaml} VERBATIM)
endfunction()
