package org.keops.automigrate.cli;

import org.keops.automigrate.MigratorBuilder;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How revisions are run, by a boot or by a command. Filled by picocli. */
final class RunOptions {
    @Option(names = "--transaction-per-revision", description = "Commit each revision by itself.")
    private boolean transactionPerRevision;

    @Option(names = "--show-statement", description = "Show the statement that failed, its literals hidden.")
    private boolean showStatement;

    @Option(names = "--one-statement-at-a-time", description = "Wait for each answer before the next statement.")
    private boolean oneStatementAtATime;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli makes it
    private FingerprintOption fingerprints;

    MigratorBuilder configure(MigratorBuilder builder) {
        if (transactionPerRevision) {
            builder.transactionPerRevision();
        }
        if (showStatement) {
            builder.showFailedStatement();
        }
        return fingerprints.configure(oneStatementAtATime ? builder.oneStatementAtATime() : builder);
    }
}
