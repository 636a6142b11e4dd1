#!/bin/bash
# linux-v3.sh DIR LINUX PROGRAM: Linux on the default processor shows AVX2, BMI2 and FMA and runs programs that use them:
# PROGRAM (compute.c, built for x86-64-v3), Debian's OpenSSL and packers, whose code is chosen by CPUID, with Debian's C
# library. What they print must be what they print on the host, whose instructions others are: AVX-512, where it has it.
# LINUX is where linux-disk.sh has put its kernel. Exit status 77: something is missing, or the host has no AVX2.
. "$(dirname "$0")/library.sh"
dir=${1:?usage: linux-v3.sh DIR LINUX PROGRAM}
linux=${2:?}
program=$(realpath "${3:?}")
here=$(realpath "$(dirname "$0")")
"$here/linux-disk.sh" "$linux" || exit
for flag in avx2 bmi2 fma f16c movbe abm; do
    grep -qw $flag /proc/cpuinfo || { echo "this host has no $flag to compare with"; exit 77; }
done
PATH=$PATH:/usr/sbin:/sbin
for tool in openssl ldd cpio mcopy mkfs.fat sfdisk syslinux; do
    command -v $tool >/dev/null || { echo "$tool is missing"; exit 77; }
done

# The work, in the folder that holds `key.pem`, `edwards.pem`, `data` and `compute`: here and in the guest.
make_work() {
    cat >"$work/root/work.sh" <<'WORK'
key=00112233445566778899aabbccddeeff
./compute
for a in md5 sha1 sha256 sha512 sha3-256 blake2b512; do openssl dgst -$a data; done
for c in aes-128-cbc aes-256-ctr aes-192-ecb chacha20 camellia-128-cbc; do
    openssl enc -$c -K $key$key -iv $key -in data -out cipher 2>/dev/null
    openssl dgst -sha256 cipher
    openssl enc -d -$c -K $key$key -iv $key -in cipher -out plain 2>/dev/null
    cmp plain data && echo "$c and back"
done
openssl mac -cipher AES-256-GCM -macopt hexkey:$key$key -macopt hexiv:$key -in data GMAC
openssl mac -cipher AES-128-CBC -macopt hexkey:$key -in data CMAC
openssl mac -macopt hexkey:$key$key -in data POLY1305
openssl mac -digest SHA256 -macopt hexkey:$key -in data HMAC
openssl dgst -sha256 -sign key.pem -out signature data && openssl dgst -sha256 signature
openssl rsa -in key.pem -pubout -out public.pem 2>/dev/null
openssl dgst -sha256 -verify public.pem -signature signature data
openssl pkeyutl -sign -rawin -inkey edwards.pem -in short -out signature && openssl dgst -sha256 signature
openssl kdf -keylen 32 -kdfopt digest:SHA512 -kdfopt pass:pcemu -kdfopt salt:salt -kdfopt iter:300 PBKDF2
for p in "/usr/bin/gzip -n" /usr/bin/xz "/usr/bin/zstd -q" /usr/bin/bzip2; do # by their paths: not busybox's
    [ -x ${p% -*} ] || continue
    $p -c data >packed && $p -t <packed && $p -dc <packed | cmp - data && openssl dgst -sha256 packed
done
WORK
    (
        cd "$work/root" && cp "$program" compute && head -c 150000 "$(command -v openssl)" >data && head -c 999 data >short &&
            openssl genrsa -out key.pem 2048 && openssl genpkey -algorithm ed25519 -out edwards.pem
    ) 2>/dev/null
}

# A program and the libraries that it asks for, in their places.
add_program() {
    local file path
    path=$(realpath "$(command -v "$1")") || return 0
    mkdir -p "$work/root/usr/bin"
    cp -L "$path" "$work/root/usr/bin/${1##*/}"
    for file in $(ldd "$path" | grep -oE '/[^ ]+'); do
        mkdir -p "$work/root$(dirname "$file")"
        cp -Lu "$file" "$work/root$file"
    done
}

make_root() {
    mkdir -p "$work/root"/{bin,proc,dev,tmp,usr/lib/ssl}
    cp /bin/busybox "$work/root/bin/busybox"
    make_work || return
    for p in openssl gzip xz zstd bzip2 "$program"; do
        case $p in */*) add_program "$p" ;; *) ! command -v $p >/dev/null || add_program $p ;; esac
    done
    rm -f "$work/root/usr/bin/${program##*/}"
    cat >"$work/root/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox ln -s /bin/busybox /bin/cmp
export PATH=/usr/bin:/bin
exec >/dev/ttyS0 2>&1
/bin/busybox grep -m 1 ^flags /proc/cpuinfo
echo "work begins"
/bin/busybox sh /work.sh
echo "work ends"
/bin/busybox poweroff -f
INIT
    chmod +x "$work/root/init"
}

make_image() (
    cp "$work/root/work.sh" "$work/root/key.pem" "$work/root/edwards.pem" "$work/root/data" "$work/root/short" \
        "$work/root/compute" "$work/host" || exit
    (cd "$work/root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 | gzip -n -1) >"$work/initrd.gz"
    cd "$work" && cp "$linux/vmlinuz" vmlinuz && . "$here/syslinux-disk.sh" &&
        make_disk v3.img 0 'console=tty0 console=ttyS0,115200 panic=-1'
)

mkdir "$work/host"
check 'a disk' eval 'make_root && make_image'
(cd "$work/host" && sh work.sh) >"$work/expected" 2>&1
check 'the host does it' [ "$(wc -l <"$work/expected")" -gt 60 ]
check 'it powers off' timeout 600 "$PCEMU" -m 256 -display none -serial "file:$work/serial" -snapshot "$work/v3.img"
tr -d '\r' <"$work/serial" | sed '1,/^work begins/d; /^work ends/,$d' | grep -v '^\[ *[0-9.]*\]' >"$work/lines"
flags=$(grep -a '^flags' "$work/serial")
for flag in avx avx2 bmi1 bmi2 fma f16c movbe abm aes pclmulqdq sha_ni vaes vpclmulqdq adx xsaveopt xsavec xsaves; do
    check "/proc/cpuinfo shows $flag" grep -qw $flag <<<"$flags"
done
check 'what it computes is what the host does' diff -u "$work/expected" "$work/lines"
check 'its work came to its end' grep -qa '^work ends' "$work/serial"
check 'no kernel trouble' sh -c '! grep -aE "BUG:|Oops|Call Trace|unchecked MSR|Kernel panic|segfault|traps:" "$0"' "$work/serial"
[ "$failures" -eq 0 ] || { tail -n 40 "$work/serial"; cat "$work/err" 2>/dev/null; }
finish
