package org.keops.benchmarks;

import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.postgresql.PGConnection;

/**
 * The limit of applying: one transaction, statements joined into messages, the version row changed behind each script. It knows
 * that a statement of the corpus ends with its line, looks for nothing and would not know which statement failed.
 */
final class RawScripts implements Contender {
    private static final int MANY_SCRIPTS = 1 << 18;
    private static final int BIG_SCRIPT = 1 << 16;

    private final Path corpus;

    RawScripts(String corpus) {
        this.corpus = Path.of(corpus);
    }

    @Override
    public void migrate(DataSource dataSource) throws Exception {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL PRIMARY KEY);"
                    + " INSERT INTO alembic_version VALUES ('none')");
            List<Path> scripts = scripts();
            if (scripts.size() == 1) {
                big(connection, statement, scripts.get(0));
            } else {
                many(statement, scripts);
            }
            connection.commit();
            connection.setAutoCommit(true);
        }
    }

    private List<Path> scripts() throws IOException {
        try (var files = Files.list(corpus.resolve("ours"))) {
            return files.filter(file -> file.toString().endsWith(".sql"))
                    .sorted()
                    .toList();
        }
    }

    private static void many(Statement statement, List<Path> scripts) throws IOException, SQLException {
        StringBuilder message = new StringBuilder();
        for (Path script : scripts) {
            message.append(Files.readString(script)).append("UPDATE alembic_version SET version_num = '");
            message.append(script.getFileName().toString(), 0, 12).append("';\n");
            if (message.length() > MANY_SCRIPTS) {
                statement.execute(message.toString());
                message.setLength(0);
            }
        }
        statement.execute(message.toString());
    }

    private static void big(Connection connection, Statement statement, Path script) throws IOException, SQLException {
        StringBuilder message = new StringBuilder();
        try (BufferedReader lines = Files.newBufferedReader(script)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("COPY ")) {
                    statement.execute(message.toString());
                    message.setLength(0);
                    copy(connection, line, script);
                    break;
                }
                message.append(line).append('\n');
                if (message.length() > BIG_SCRIPT) {
                    statement.execute(message.toString());
                    message.setLength(0);
                }
            }
        }
        if (!message.isEmpty()) {
            statement.execute(message.toString());
        }
    }

    /** The rows are what stands between this line and the last one of the script. */
    private static void copy(Connection connection, String statement, Path script) throws IOException, SQLException {
        long from = 0;
        try (BufferedReader lines = Files.newBufferedReader(script)) {
            for (String line = ""; !line.equals(statement); ) {
                line = lines.readLine();
                from += line.getBytes(StandardCharsets.UTF_8).length + 1;
            }
        }
        long length = Files.size(script) - from - "\\.\n".length();
        try (InputStream in = Files.newInputStream(script)) {
            in.skipNBytes(from);
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(statement.substring(0, statement.length() - 1), first(in, length), BIG_SCRIPT);
        }
    }

    private static InputStream first(InputStream in, long length) {
        return new FilterInputStream(in) {
            private long left = length;

            @Override
            public int read(byte[] target, int offset, int room) throws IOException {
                int count = left == 0 ? -1 : super.read(target, offset, (int) Math.min(left, room));
                left -= Math.max(0, count);
                return count;
            }
        };
    }

    @Override
    public void adopt(DataSource dataSource) {
        throw new UnsupportedOperationException();
    }
}
