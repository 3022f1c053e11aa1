// What Boost.Regex says of a pattern and of paths, one line per question.
//
// Input, one line per pattern: hexadecimal fields separated by blanks, the pattern first, then the paths ("-" is the
// empty text).  Output, one line per pattern: "refused <message in hexadecimal> <offset>", or "taken <size of the
// machine in bytes>" followed by one field per path: 1 (the whole path matches), 0 (it does not), or ! (gives up),
// then ":" and the number of states that were visited, where it did not give up.
//
// With the argument "version" it prints the version of Boost; with the argument "any" the matcher runs as boost::regex_match does without match results: every repeat is lazy.

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

// The counter of visited states has no public face.
#define private public
#include <boost/regex.hpp>
#undef private
#include <boost/version.hpp>

static std::string from_hex(const std::string& text) {
  std::string out;
  if (text == "-") return out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return out;
}

static std::string to_hex(const std::string& text) {
  static const char digits[] = "0123456789abcdef";
  std::string out;
  for (unsigned char c : text) {
    out.push_back(digits[c >> 4]);
    out.push_back(digits[c & 15]);
  }
  return out.empty() ? "-" : out;
}

int main(int argc, char** argv) {
  typedef std::string::const_iterator position;
  typedef boost::match_results<position> results;
  typedef boost::BOOST_REGEX_DETAIL_NS::perl_matcher<position, results::allocator_type, boost::regex::traits_type>
      matcher_type;
  if (argc > 1 && std::string(argv[1]) == "version") {
    std::cout << BOOST_LIB_VERSION << "\n";
    return 0;
  }
  const bool any = argc > 1 && std::string(argv[1]) == "any";
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream fields(line);
    std::string field;
    fields >> field;
    const std::string pattern = from_hex(field);
    boost::regex expression;
    try {
      expression.assign(pattern);
    } catch (const boost::regex_error& error) {
      std::cout << "refused " << to_hex(error.what()) << " " << error.position() << "\n" << std::flush;
      continue;
    } catch (const std::exception& error) {
      std::cout << "refused " << to_hex(error.what()) << " 0\n" << std::flush;
      continue;
    }
    std::cout << "taken " << expression.size();
    while (fields >> field) {
      const std::string path = from_hex(field);
      results found;
      boost::match_flag_type flags = boost::match_default;
      if (any) flags = flags | boost::match_any;
      try {
        matcher_type matcher(path.begin(), path.end(), found, expression, flags, path.begin());
        const bool matched = matcher.match();
        std::cout << " " << (matched ? "1" : "0") << ":" << matcher.state_count;
      } catch (const std::exception&) {
        std::cout << " !";
      }
    }
    std::cout << "\n" << std::flush;
  }
  return 0;
}
