package org.keops.benchmarks;

import java.io.File;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a reader has to know of a run: machine, versions, date, command; no names of hosts, no paths. Stateless. */
final class Description {
    private Description() {}

    static void write(StringBuilder page, String server, boolean alembic, @Nullable Path psql) {
        page.append(
                        "# Benchmarks\n\nWritten by `mvn -q -Pbenchmarks` in the root of the repository, which takes long; each section tells")
                .append(
                        " when and by what it was printed. In each round everybody in turn, each in a fresh process; fewer")
                .append(" rounds of what takes long. Ratios hold from machine to machine, single figures do not. What")
                .append(" permissions cost is in [permissions](permissions.md).\n\n- ")
                .append(Runtime.getRuntime().availableProcessors())
                .append(" processors, ")
                .append(System.getProperty("os.name"))
                .append(' ')
                .append(System.getProperty("os.arch"))
                .append("; Java ")
                .append(Runtime.version())
                .append("; PostgreSQL ")
                .append(server)
                .append(" on the loopback interface, fsync on\n");
        versions()
                .forEach((name, version) -> page.append("- ")
                        .append(name)
                        .append(' ')
                        .append(version)
                        .append('\n'));
        page.append(alembic ? "" : "- no `alembic` on the path: left out\n")
                .append(psql == null ? "- no `psql` on the path: left out\n" : "");
    }

    /** What prints the same again. */
    static String command() {
        StringBuilder command = new StringBuilder("mvn -q -Pbenchmarks");
        for (String name : new String[] {"parts", "contestants", "rounds", "revisions", "rows"}) {
            String value = System.getProperty("benchmarks." + name);
            if (value != null) {
                command.append(" -Dbenchmarks.").append(name).append('=').append(value);
            }
        }
        return command.toString();
    }

    private static Map<String, String> versions() {
        Map<String, String> versions = new LinkedHashMap<>();
        for (String name :
                new String[] {"postgresql", "HikariCP", "flyway-core", "liquibase-core", "mybatis-migrations", "mybatis"
                }) {
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
                String file = new File(entry).getName();
                if (file.matches(name + "-[0-9].*\\.jar")) {
                    versions.put(name, file.substring(name.length() + 1, file.length() - ".jar".length()));
                }
            }
        }
        return versions;
    }

    /** What each adds to an application that has the driver and slf4j. */
    static void sizes(StringBuilder page) {
        Benchmarks.section(page, "Added to an application that has pgjdbc and slf4j", "What lies on the class path.");
        page.append("| | jars | kB |\n|---|---|---|\n");
        size(page, "ours", "keops-automigrate-core");
        size(page, "MyBatis Migrations", "mybatis-migrations");
        size(page, "Flyway, its own jars", "flyway-");
        size(page, "Liquibase, its own jar", "liquibase-");
    }

    private static void size(StringBuilder page, String name, String prefix) {
        int jars = 0;
        long bytes = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            File file = new File(entry);
            if (file.getName().startsWith(prefix) && file.isFile()) {
                jars++;
                bytes += file.length();
            }
        }
        page.append(String.format(Locale.ROOT, "| %s | %d | %,d |%n", name, jars, bytes / 1000));
    }
}
