#pragma once

#include <set>
#include <string>

namespace evently::testing {

/// What each role may do, as the HTTP contract has it.
inline const std::set<std::string> kUserPermissions{"booking:create",     "booking:read:own",
                                                    "booking:cancel:own", "event:read",
                                                    "waitlist:join",      "notification:read:own"};
inline const std::set<std::string> kAdminPermissionsBesides{
    "event:create",          "event:update",    "event:delete", "booking:read:all",
    "booking:cancel:any",    "analytics:read",  "user:manage",  "security:read",
    "notification:send:all", "security:manage", "audit:read"};

}  // namespace evently::testing
