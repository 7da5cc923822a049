package org.keops.automigrate.postgres.failure;

import java.sql.SQLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What of an error may be shown. Stateless. */
public final class ServerMessage {
    private static final String DATA_EXCEPTION = "22";

    private ServerMessage() {}

    /**
     * The server's primary message: its detail may hold values of rows. A data exception quotes the value itself, which is
     * left out. The driver's own message comes without URLs.
     */
    public static String of(SQLException failure) {
        ServerErrorMessage answer = failure instanceof PSQLException driver ? driver.getServerErrorMessage() : null;
        if (answer == null) {
            return Redaction.ofUrls(String.valueOf(failure.getMessage()));
        }
        String text = String.valueOf(answer.getMessage());
        return String.valueOf(failure.getSQLState()).startsWith(DATA_EXCEPTION) ? Redaction.ofQuoted(text) : text;
    }

    /** The same, its SQLSTATE behind it. */
    public static String withState(SQLException failure) {
        return of(failure) + " [" + failure.getSQLState() + "]";
    }
}
