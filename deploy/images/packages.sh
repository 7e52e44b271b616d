# shellcheck shell=bash
# Debian packages unpacked into a tar of an image's file system, without running their scripts; sourced by build.sh.

require_bookworm() {
  grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release && command -v apt-get dpkg-deb >/dev/null ||
    fail 'images can be neither pulled nor built here: connect to a registry, or run this on Debian 12 (bookworm)'
}

# Downloads the packages that FOLDER's packages.txt names.
fetch_packages() {
  [[ ! -s $images/$1/packages.txt ]] || download "$images/$1/packages.txt" "$work/$1/debs"
}

# What was downloaded for FOLDER, as one tar.
pack() {
  local debs=$work/$1/debs tree=$work/$1/tree deb
  [[ -s $images/$1/packages.txt ]] || return 0
  rm -rf "$tree"
  make_links "$tree"
  for deb in "$debs"/*.deb; do unpack "$deb" "$tree"; done
  tar --create --file "$2" --directory "$tree" --numeric-owner --owner=0 --group=0 .
  rm -rf "$tree"
}

download() {
  local names=()
  mapfile -t names < <(grep -v '^#' "$1")
  rm -rf "$2"
  mkdir -p "$2"
  # An old list names versions that the mirrors have dropped: the second attempt has a new one.
  (cd "$2" && { apt-get download -q "${names[@]}" || { apt-get update -q && apt-get download -q "${names[@]}"; }; }) \
    >"$2.log" 2>&1 || fail "Debian packages could not be downloaded: $(grep '^E:' "$2.log" | tail -n 1)"
}

# The merged /usr of Debian 12: /bin and the others are links, which packages still name.
make_links() {
  local name
  for name in bin sbin lib lib64; do
    mkdir -p "$1/usr/$name"
    ln -s "usr/$name" "$1/$name"
  done
}

# Manuals, translations and the JDK's symbol table are left out: nothing in a container reads them.
unpack() {
  dpkg-deb --fsys-tarfile "$1" | tar --extract --directory "$2" --keep-directory-symlink \
    --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' \
    --exclude='./usr/share/info/*' --exclude='*/lib/ct.sym' --exclude='*/classes_nocoops.jsa'
}
