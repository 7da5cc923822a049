package org.keops.automigrate.postgres;

import java.sql.SQLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What of an error may be shown. Stateless. */
final class ServerMessage {

    private ServerMessage() {}

    /** The server's primary message: its detail may hold values of rows. The driver's own without URLs. */
    static String of(SQLException failure) {
        ServerErrorMessage answer = failure instanceof PSQLException driver ? driver.getServerErrorMessage() : null;
        return answer == null
                ? Redaction.ofUrls(String.valueOf(failure.getMessage()))
                : String.valueOf(answer.getMessage());
    }
}
