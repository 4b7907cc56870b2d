// Boost.Beast and Asio's TLS are compiled once, here (cmake/flags.cmake asks for it).
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
