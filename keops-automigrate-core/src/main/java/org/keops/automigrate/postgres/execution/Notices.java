package org.keops.automigrate.postgres.execution;

import java.sql.SQLWarning;
import java.util.function.Consumer;
import org.keops.automigrate.postgres.failure.ServerNotice;
import org.keops.automigrate.script.Piece;

/** Passes on what the server says while a plan runs; a flood is cut off. Used by one thread. */
final class Notices {
    private static final int MOST = 100;

    private final Consumer<ServerNotice> receiver;
    private int count;

    Notices(Consumer<ServerNotice> receiver) {
        this.receiver = receiver;
    }

    void of(Piece piece, SQLWarning notice) {
        count++;
        if (count <= MOST) {
            receiver.accept(StatementFailure.notice(piece, notice));
        } else if (count == MOST + 1) {
            receiver.accept(
                    new ServerNotice(piece.statement().start(), false, "what else the server says is left out"));
        }
    }
}
