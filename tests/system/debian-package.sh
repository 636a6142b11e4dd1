#!/bin/bash
# debian-package.sh DIR PACKAGE: unpacks one of Debian's packages to DIR/PACKAGE, without installing it. Does nothing
# when it is there already. Exit status 77: it can't be had.
set -euo pipefail
dir=${1:?usage: debian-package.sh DIR PACKAGE}
package=${2:?}
mkdir -p "$dir"
cd "$dir"
exec 9>lock
flock 9
[ -d "$package" ] && exit 0
rm -rf "$package.new" "$package"_*.deb
apt-get download -q "$package" >/dev/null && dpkg-deb -x "$package"_*.deb "$package.new" ||
    { echo "the package $package is not to be had"; exit 77; }
rm -f "$package"_*.deb
mv "$package.new" "$package"
