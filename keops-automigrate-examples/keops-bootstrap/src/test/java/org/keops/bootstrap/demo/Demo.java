package org.keops.bootstrap.demo;

import java.io.PrintStream;
import java.time.Duration;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.bootstrap.testing.KeopsFixture;

/**
 * Boots KEOPS in each scenario and shows what was found, what was done, and a proof of it, read back through SQL.
 *
 * <p>A proof that fails fails the demo.
 */
public final class Demo {

    private Demo() {}

    /**
     * Plays the demo on a server of its own.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        long start = System.nanoTime();
        System.out.println("KEOPS boots with keops-automigrate: every scenario, on a PostgreSQL server of its own.");
        System.out.println("Starting the server (the first time, its binaries are unpacked) ...");
        try (PostgresServer server = PostgresServer.start()) {
            play(server, System.out);
        }
        long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
        System.out.println("The server is stopped and its data are gone; " + seconds + " s in all.");
    }

    /**
     * Plays the demo.
     *
     * @param server where; every role needs a password there
     * @param out where to print
     * @throws AssertionError if a proof fails
     */
    public static void play(PostgresServer server, PrintStream out) {
        Report report = new Report(out);
        new Scenes(new Stage(new KeopsFixture(server), report)).playAll();
        report.line("");
        if (report.failed() > 0) {
            report.line(report.failed() + " of " + report.proofs() + " proofs FAILED.");
            throw new AssertionError(report.failed() + " proofs of the demo failed, see above");
        }
        report.line("All " + report.proofs() + " proofs hold.");
    }
}
