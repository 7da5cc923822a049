/** Brings a PostgreSQL schema up to date while its service boots, in Alembic's language. */
module org.keops.automigrate {
    requires transitive java.sql;
    requires org.postgresql.jdbc;
    requires org.slf4j;
    requires static info.picocli;
    requires static java.naming;
    requires static me.tongfei.progressbar;
    requires static org.checkerframework.checker.qual;
    requires static org.jspecify;

    exports org.keops.automigrate;
    exports org.keops.automigrate.model;
    exports org.keops.automigrate.source;
}
