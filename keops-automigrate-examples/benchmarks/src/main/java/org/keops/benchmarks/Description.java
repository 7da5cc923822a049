package org.keops.benchmarks;

import java.io.File;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a reader has to know of a run: machine, versions, date, command; no names of hosts, no paths. Stateless. */
final class Description {
    private Description() {}

    static void write(StringBuilder page, String server, boolean alembic, @Nullable Path psql, int rounds) {
        page.append("# Benchmarks\n\nWritten by `mvn -q -Pbenchmarks` in the root of the repository, on ")
                .append(LocalDate.now())
                .append(". Ratios hold from machine to machine, single figures do not.\n\n- ")
                .append(Runtime.getRuntime().availableProcessors())
                .append(" processors, ")
                .append(System.getProperty("os.name"))
                .append(' ')
                .append(System.getProperty("os.arch"))
                .append("; Java ")
                .append(Runtime.version())
                .append("; PostgreSQL ")
                .append(server)
                .append(" on the loopback interface, fsync on\n- ")
                .append(rounds)
                .append(
                        " rounds (fewer of what takes long); in each round everybody in turn, each in a fresh process\n");
        versions()
                .forEach((name, version) -> page.append("- ")
                        .append(name)
                        .append(' ')
                        .append(version)
                        .append('\n'));
        page.append(alembic ? "" : "- no `alembic` on the path: left out\n")
                .append(psql == null ? "- no `psql` on the path: left out\n" : "");
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
        page.append("\n## Added to an application that has pgjdbc and slf4j\n\n| | jars | kB |\n|---|---|---|\n");
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
