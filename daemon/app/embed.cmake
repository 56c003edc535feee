# cmake -DOUT=file.cpp -DROOT=project -DLIST=list.txt -P embed.cmake: the listed files as constants of app/embedded.h.
file(STRINGS ${LIST} files)
set(rows "")
set(count 0)
foreach(file ${files})
  file(READ ${ROOT}/${file} text)
  string(APPEND rows "    {\"${file}\", R\"~~nw~~(${text})~~nw~~\"sv},\n")
  math(EXPR count "${count} + 1")
endforeach()
set(body "// Made by embed.cmake; do not edit.
#include \"app/embedded.h\"

#include <array>
#include <string_view>

namespace nw::app {
namespace {

using namespace std::string_view_literals;  // their length is known: clang would give up counting

constexpr std::array<EmbeddedFile, ${count}> kFiles{{
${rows}}};

}  // namespace

std::span<const EmbeddedFile> embedded_files() { return kFiles; }

std::string_view embedded_file(std::string_view path) {
  for (const EmbeddedFile& file : kFiles)
    if (file.path == path) return file.text;
  return {};
}

}  // namespace nw::app
")
file(WRITE ${OUT}.new "${body}")
execute_process(COMMAND ${CMAKE_COMMAND} -E copy_if_different ${OUT}.new ${OUT})
