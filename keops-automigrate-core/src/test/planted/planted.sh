#!/bin/sh
# Plants one known bug after the other in a copy of the sources and runs the short reliability tests on it: each has to be
# seen. Prints a table; ends with 1 if a bug was not seen or could not be planted.
#
#   sh keops-automigrate-core/src/test/planted/planted.sh [name of a patch]...
set -u
root=$(cd "$(dirname "$0")/../../../.." && pwd)
planted=$root/keops-automigrate-core/src/test/planted
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT INT TERM
tests=${TESTS:-CutTest,OverlapTest}
missed=0

[ $# -gt 0 ] || set -- $(cd "$planted" && ls ./*.patch | sed 's/^..//; s/\.patch$//')

fresh() {
    rm -rf "$copy/project"
    mkdir "$copy/project"
    (cd "$root" && tar cf - --exclude=.git .) | (cd "$copy/project" && tar xf -)
    # what is planted need not be neat
    sed 's#<failOnWarning>true#<failOnWarning>false#' "$root/pom.xml" >"$copy/project/pom.xml"
}

run() {
    rm -rf "$copy/project/keops-automigrate-core/target/surefire-reports"
    (cd "$copy/project" && mvn -q -pl keops-automigrate-core test -Dskip.checks=true -Dcut.each=8 -Dcut.step=1 -Dtest="$tests" \
        -Dmaven.compiler.useIncrementalCompilation=false ${MAVEN_ARGUMENTS:-} >"$copy/$1.log" 2>&1)
}

# what went red, one name of a test after the other
red() {
    for report in "$copy"/project/keops-automigrate-core/target/surefire-reports/TEST-*.xml; do
        [ -f "$report" ] && grep -qE '<(failure|error)' "$report" && basename "$report" .xml | sed 's/.*\.//'
    done | sort -u | tr '\n' ' '
}

printf '| planted | went red |\n| --- | --- |\n'
for name; do
    fresh
    if ! (cd "$copy/project" && patch -s -F0 -p1 <"$planted/$name.patch"); then
        printf '| %s | can not be planted any more: make its patch anew |\n' "$name"
        missed=1
        continue
    fi
    run "$name"
    seen=$(red)
    if [ -n "$seen" ]; then
        printf '| %s | %s|\n' "$name" "$seen"
    elif ls "$copy"/project/keops-automigrate-core/target/surefire-reports/TEST-*.xml >/dev/null 2>&1; then
        printf '| %s | nothing |\n' "$name"
        missed=1
    else
        printf '| %s | nothing ran: |\n' "$name"
        tail -20 "$copy/$name.log"
        missed=1
    fi
done
exit $missed
