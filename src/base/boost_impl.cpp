// Boost.Asio is compiled once, here (cmake/flags.cmake asks for separate compilation).
#include <boost/asio/impl/src.hpp>
