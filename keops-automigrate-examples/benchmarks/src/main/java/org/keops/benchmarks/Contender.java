package org.keops.benchmarks;

import javax.sql.DataSource;

/** One way to bring a database up to date. Each is a class of its own, so that a process loads only what it measures. */
interface Contender {

    /** What an application would call when it boots, configuration included. */
    void migrate(DataSource dataSource) throws Exception;

    /** Records all scripts as applied, without running them. */
    void adopt(DataSource dataSource) throws Exception;

    /** The same for a caller who keeps what can be kept between two calls. */
    default Contender kept() {
        return this;
    }

    /**
     * Makes one.
     *
     * @param name as on the command line
     * @param scripts the directory that {@link Corpus} has written
     */
    static Contender of(String name, String scripts) {
        return switch (name) {
            case Contestants.RAW -> new RawSelect();
            case Contestants.RAW_ON_A_THREAD -> new RawOnAThread();
            case Contestants.JOINED -> new RawScripts(scripts);
            case Contestants.OURS, Contestants.OURS_WITHOUT_INDEX -> new Ours(true, false);
            case Contestants.OURS_WITHOUT_PERMISSIONS -> new Ours(false, false);
            case Contestants.OURS_PER_REVISION -> new Ours(true, true);
            case Contestants.FLYWAY -> new FlywayContender();
            case Contestants.LIQUIBASE -> new LiquibaseContender();
            case Contestants.MYBATIS -> new MyBatisContender(scripts);
            default -> throw new IllegalArgumentException(name);
        };
    }
}
