// SPDX-License-Identifier: Apache-2.0
// What a built-in plugin says of this machine: skw.checks/1 in the making.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string_view>
#include <utility>

namespace skw::builtin {

class Checks {
public:
    void ok(std::string_view id, std::string_view message) { add(id, "ok", message, {}); }
    void warn(std::string_view id, std::string_view message, std::string_view hint)
    {
        add(id, "warn", message, hint);
    }
    void fail(std::string_view id, std::string_view message, std::string_view hint)
    {
        add(id, "fail", message, hint);
    }
    void skip(std::string_view id, std::string_view message) { add(id, "skip", message, {}); }

    boost::json::value document() &&
    {
        return boost::json::object{{"schema", "skw.checks/1"}, {"items", std::move(items_)}};
    }

private:
    void add(std::string_view id, std::string_view status, std::string_view message, std::string_view hint)
    {
        boost::json::object item{{"id", id}, {"status", status}, {"message", message}};
        if (!hint.empty()) {
            item["hint"] = hint;
        }
        items_.push_back(std::move(item));
    }

    boost::json::array items_;
};

} // namespace skw::builtin
