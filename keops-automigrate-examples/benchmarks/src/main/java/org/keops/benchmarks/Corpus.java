package org.keops.benchmarks;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.keops.automigrate.RevisionsIndex;

/** The same scripts in the form that each tool wants: jars for the class path, directories for those that need one. */
final class Corpus {
    static final String SCHEMA = "keopsdb";

    private final Path directory;
    private final int scripts;
    private final Body body;

    /** The text of the script of a number. */
    interface Body {
        void write(int number, Appendable out) throws IOException;
    }

    private Corpus(Path directory, int scripts, Body body) {
        this.directory = directory;
        this.scripts = scripts;
        this.body = body;
    }

    /** Scripts of everyday size: a table with an index, a column, a row, another index, a view. */
    static Path everyday(Path parent, int scripts) throws IOException {
        return write(parent.resolve("everyday-" + scripts), scripts, (number, out) -> out.append(everyday(number)));
    }

    /** One script with many bytes of INSERT. */
    static Path big(Path parent, int statements, long bytes) throws IOException {
        int payload = (int) Math.max(1, bytes / statements - 60);
        String text = "x".repeat(payload);
        return write(parent.resolve("big-" + statements), 1, (number, out) -> {
            out.append("CREATE TABLE keopsdb.big (id bigint, payload text);\n");
            for (int i = 0; i < statements; i++) {
                out.append("INSERT INTO keopsdb.big VALUES (" + i + ", '")
                        .append(text)
                        .append("');\n");
            }
        });
    }

    /** One script with as many rows of COPY data. */
    static Path copy(Path parent, int rows) throws IOException {
        return write(parent.resolve("copy-" + rows), 1, (number, out) -> {
            out.append("CREATE TABLE keopsdb.copied (id bigint, name text, amount numeric);\n");
            out.append("COPY keopsdb.copied (id, name, amount) FROM STDIN;\n");
            for (int i = 0; i < rows; i++) {
                out.append(i + "\tname of row " + i + "\t" + i % 1000 + ".25\n");
            }
            out.append("\\.\n");
        });
    }

    private static Path write(Path directory, int scripts, Body body) throws IOException {
        if (!Files.exists(directory)) {
            Files.createDirectories(directory);
            new Corpus(directory, scripts, body).write();
        }
        return directory;
    }

    /** A corpus's jar for a contestant. */
    static Path jar(Path corpus, String contestant) {
        String name = contestant.startsWith(Contestants.OURS) && !contestant.equals(Contestants.OURS_WITHOUT_INDEX)
                ? Contestants.OURS
                : contestant;
        return corpus.resolve(name + ".jar");
    }

    private static String everyday(int number) {
        int table = number - number % 5;
        return switch (number % 5) {
            case 0 ->
                "CREATE TABLE keopsdb.t" + table + " (id bigint PRIMARY KEY, name text NOT NULL);\nCREATE INDEX t"
                        + table + "_name ON keopsdb.t" + table + " (name);\n";
            case 1 -> "ALTER TABLE keopsdb.t" + table + " ADD COLUMN c text;\n";
            case 2 ->
                "INSERT INTO keopsdb.t" + table + " (id, name) VALUES (1, 'one');\nUPDATE keopsdb.t" + table
                        + " SET c = 'c' WHERE id = 1;\n";
            case 3 -> "CREATE INDEX t" + table + "_c ON keopsdb.t" + table + " (c);\n";
            default -> "CREATE VIEW keopsdb.v" + table + " AS SELECT id, name FROM keopsdb.t" + table + ";\n";
        };
    }

    private void write() throws IOException {
        Path ourScripts = Files.createDirectories(directory.resolve("ours"));
        try (JarOutputStream ours = create(Contestants.OURS);
                JarOutputStream unindexed = create(Contestants.OURS_WITHOUT_INDEX);
                JarOutputStream flyway = create(Contestants.FLYWAY);
                JarOutputStream liquibase = create(Contestants.LIQUIBASE);
                Writer all = Files.newBufferedWriter(directory.resolve("all.sql"))) {
            folders(ours, "alembic/", "alembic/versions/");
            folders(unindexed, "alembic/", "alembic/versions/");
            folders(flyway, "db/", "db/migration/");
            folders(liquibase, "changes/");
            Files.createDirectories(directory.resolve("mybatis"));
            Files.createDirectories(directory.resolve("alembic/versions"));
            for (int i = 0; i < scripts; i++) {
                int number = i;
                try (Writer out = Files.newBufferedWriter(ourScripts.resolve(id(i) + "_script_" + i + ".sql"))) {
                    out.append(header(number));
                    body.write(number, out);
                }
                entry(flyway, "db/migration/V" + (i + 1) + "__script_" + i + ".sql", out -> body.write(number, out));
                entry(liquibase, "changes/" + String.format(Locale.ROOT, "%06d.sql", i), out -> {
                    out.append("--liquibase formatted sql\n--changeset someone:" + number + " splitStatements:true\n");
                    body.write(number, out);
                });
                mybatis(i);
                alembic(i);
                body.write(i, all);
            }
            copy(ourScripts, unindexed);
            RevisionsIndex.write(ourScripts);
            copy(ourScripts, ours);
            entry(liquibase, "changelog.xml", out -> out.append("""
                    <?xml version="1.0" encoding="UTF-8"?>
                    <databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog"
                        xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                        xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog
                            http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd">
                      <includeAll path="changes/"/>
                    </databaseChangeLog>
                    """));
        }
    }

    private static void copy(Path scripts, JarOutputStream jar) throws IOException {
        try (var files = Files.list(scripts)) {
            for (Path file : files.sorted().toList()) {
                jar.putNextEntry(new ZipEntry("alembic/versions/" + file.getFileName()));
                Files.copy(file, jar);
                jar.closeEntry();
            }
        }
    }

    static String id(int number) {
        return number < 0 ? "" : String.format(Locale.ROOT, "%012x", 0x1000_0000_0000L + number * 7919L);
    }

    private static String header(int number) {
        return "-- Script " + number + "\n--\n-- Revision ID: " + id(number) + "\n-- Revises: " + id(number - 1)
                + "\n-- Create Date: 2026-01-01 00:00:00.000000\n\n";
    }

    private void mybatis(int number) throws IOException {
        String name = String.format(Locale.ROOT, "2026%010d_script.sql", number);
        try (Writer out = Files.newBufferedWriter(directory.resolve("mybatis").resolve(name))) {
            out.append("-- // script\n");
            if (number == 0) {
                // its record of versions is for the first script to make
                out.append(MyBatisContender.CHANGELOG).append(";\n");
            }
            body.write(number, out);
            out.append("-- //@UNDO\n");
        }
    }

    /** Alembic reads the text of its own SQL from Python; big scripts are not for it. */
    private void alembic(int number) throws IOException {
        if (scripts == 1) {
            return;
        }
        StringBuilder sql = new StringBuilder();
        body.write(number, sql);
        Files.writeString(directory.resolve("alembic/versions/" + id(number) + "_script.py"), """
                from alembic import op
                revision = '%s'
                down_revision = %s
                branch_labels = None
                depends_on = None

                def upgrade():
                    op.execute('''%s''')

                def downgrade():
                    pass
                """.formatted(
                        id(number), number == 0 ? "None" : "'" + id(number - 1) + "'", sql));
    }

    private JarOutputStream create(String contestant) throws IOException {
        OutputStream file = Files.newOutputStream(jar(directory, contestant));
        return new JarOutputStream(file);
    }

    private static void folders(JarOutputStream jar, String... names) throws IOException {
        for (String name : names) {
            jar.putNextEntry(new ZipEntry(name));
            jar.closeEntry();
        }
    }

    private interface Text {
        void write(Appendable out) throws IOException;
    }

    private static void entry(JarOutputStream jar, String name, Text text) throws IOException {
        jar.putNextEntry(new ZipEntry(name));
        Appendable out = new Appendable() {
            @Override
            public Appendable append(CharSequence chars) throws IOException {
                jar.write(chars.toString().getBytes(StandardCharsets.UTF_8));
                return this;
            }

            @Override
            public Appendable append(CharSequence chars, int start, int end) throws IOException {
                return append(chars.subSequence(start, end));
            }

            @Override
            public Appendable append(char one) throws IOException {
                return append(String.valueOf(one));
            }
        };
        text.write(out);
        jar.closeEntry();
    }
}
