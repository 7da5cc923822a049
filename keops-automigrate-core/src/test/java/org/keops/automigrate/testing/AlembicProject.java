package org.keops.automigrate.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A Python project with the real Alembic, for tests that compare us with it.
 *
 * @param directory where it is: {@code alembic.ini}, {@code migrations/env.py}, {@code migrations/versions}
 */
public record AlembicProject(Path directory) {

    /**
     * Whether there is an {@code alembic} command here.
     *
     * @return false where tests with it are to be skipped
     */
    public static boolean isAlembicHere() {
        String path = System.getenv("PATH");
        for (String place : path == null ? new String[0] : path.split(File.pathSeparator)) {
            if (Files.isExecutable(Path.of(place, "alembic"))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Makes a project as {@code alembic init} does.
     *
     * @param directory an empty directory
     * @return the project, without revisions
     */
    public static AlembicProject in(Path directory) {
        AlembicProject project = new AlembicProject(directory);
        try {
            Files.createDirectories(project.versions());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        project.write("alembic.ini", "[alembic]\nscript_location = %(here)s/migrations\n");
        project.write("migrations/env.py", """
                import os
                from alembic import context
                from sqlalchemy import create_engine, pool

                if context.is_offline_mode():
                    context.configure(url="postgresql://", literal_binds=True, dialect_opts={"paramstyle": "named"})
                    with context.begin_transaction():
                        context.run_migrations()
                else:
                    engine = create_engine(os.environ["ALEMBIC_URL"], poolclass=pool.NullPool)
                    with engine.connect() as connection:
                        context.configure(connection=connection)
                        with context.begin_transaction():
                            context.run_migrations()
                """);
        return project;
    }

    /**
     * Where the revision files are.
     *
     * @return {@code migrations/versions}
     */
    public Path versions() {
        return directory.resolve("migrations/versions");
    }

    /**
     * Adds a revision.
     *
     * @param id its id
     * @param variables the module's variables but {@code revision}, as Python
     * @param upgrade a statement of Python
     * @param downgrade a statement of Python
     * @return this project
     */
    public AlembicProject add(String id, String variables, String upgrade, String downgrade) {
        return write("migrations/versions/" + id + ".py", """
                \"""Revision %1$s

                Revision ID: %1$s
                Create Date: 2024-01-01 00:00:00.000000
                \"""
                from alembic import op
                import sqlalchemy as sa

                revision = '%1$s'
                %2$s

                def upgrade():
                    %3$s

                def downgrade():
                    %4$s
                """.formatted(id, variables, upgrade, downgrade));
    }

    /**
     * Runs the command.
     *
     * @param database the database, or null for none
     * @param arguments its arguments
     * @return how it ended
     */
    public Ended alembic(TestDatabase database, String... arguments) {
        try {
            return wait(start(database, arguments));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts the command.
     *
     * @param database the database, or null for none
     * @param arguments its arguments
     * @return the process, all its output on stdout
     * @throws IOException if it does not start
     */
    public Process start(TestDatabase database, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("alembic"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        if (database != null) {
            PostgresServer server = database.server();
            builder.environment()
                    .put(
                            "ALEMBIC_URL",
                            "postgresql+psycopg2://" + server.superuser() + ":" + encoded(server.password()) + "@"
                                    + server.host() + ":" + server.port() + "/" + database.name());
        }
        Process process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    /**
     * Waits for a process.
     *
     * @param process the process
     * @return how it ended
     */
    public static Ended wait(Process process) {
        try {
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ended(process.waitFor(), out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private AlembicProject write(String name, String content) {
        try {
            Files.writeString(directory.resolve(name), content);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /**
     * How a process ended.
     *
     * @param code its exit code
     * @param output what it said
     */
    public record Ended(int code, String output) {}
}
