package org.keops.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Alembic and psql, where they are on the path. Stateless. */
final class Python {
    private Python() {}

    /** The interpreter that has Alembic, or null. */
    static @Nullable String interpreter() throws IOException {
        Path alembic = find("alembic");
        if (alembic == null) {
            return null;
        }
        String first = Files.readAllLines(alembic).get(0);
        return first.startsWith("#!/") ? first.substring(2).strip() : null;
    }

    static @Nullable Path find(String program) {
        for (String directory : System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator)) {
            Path candidate = Path.of(directory, program);
            if (Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    /** The counterpart of {@link Worker}; written once, because the processes of a herd read it while others are started. */
    static Path program(Path directory) throws IOException {
        Path program = directory.resolve("worker.py");
        if (Files.exists(program)) {
            return program;
        }
        Files.writeString(program, """
                import sys, time, os, statistics
                import sqlalchemy

                url, corpus, mode, warm = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
                environment = os.path.join(corpus, 'alembic', 'env.py')
                with open(environment + str(os.getpid()), 'w') as env:
                    env.write('''
                from alembic import context
                engine = context.config.attributes['engine']
                with engine.connect() as connection:
                    context.configure(connection=connection)
                    with context.begin_transaction():
                        context.run_migrations()
                ''')
                os.replace(environment + str(os.getpid()), environment)
                engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.QueuePool, pool_size=2)
                engine.connect().close()

                def migrate(verb):
                    # the first call imports Alembic, as a JVM's first call loads classes
                    from alembic import command
                    from alembic.config import Config
                    config = Config()
                    config.set_main_option('script_location', os.path.join(corpus, 'alembic'))
                    config.attributes['engine'] = engine
                    getattr(command, verb)(config, 'head')

                def call():
                    start = time.perf_counter_ns()
                    migrate('upgrade')
                    return time.perf_counter_ns() - start

                if mode == 'adopt':
                    migrate('stamp')
                    print('DONE', flush=True)
                    sys.exit()
                print('READY', flush=True)
                sys.stdin.readline()
                print('COLD', call(), 0, 0, 0, flush=True)
                sys.stdin.readline()
                end = time.monotonic() + warm / 1000
                times = []
                while warm and time.monotonic() < end and len(times) < 2000:
                    times.append(call())
                late = times[len(times) // 2:]
                median = int(statistics.median(late)) if late else 0
                print('WARM', median, flush=True)
                print('KEPT', median, flush=True)
                """);
        return program;
    }
}
