package org.keops.automigrate.postgres.failure;

import static org.keops.automigrate.postgres.failure.FailureClassifier.causeOf;
import static org.keops.automigrate.postgres.failure.FailureClassifier.seen;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.NoSuchFileException;
import java.security.cert.CertificateException;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.DatabaseState.CredentialsRejected;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.DatabaseState.Offline;
import org.keops.automigrate.model.Obstacle;
import org.postgresql.util.PSQLException;

/**
 * What an error means that the driver made up, because nobody sent one: mostly a network without an answer, but a missing
 * password and every mistake with TLS come under the same SQLSTATEs. Stateless.
 */
final class DriverFailures {

    private DriverFailures() {}

    static DatabaseState classify(String state, PSQLException failure, List<Throwable> chain) {
        String text = String.valueOf(failure.getMessage());
        String seen = seen(text, state);
        return switch (state) {
            // a missing or empty password, unless the driver speaks of encryption
            case "08004" ->
                text.contains("SSL") || text.contains("Channel Binding") || text.contains("GSS")
                        ? new Inaccessible(Obstacle.TLS, seen + "; correct sslmode and its companions in the URL")
                        : new CredentialsRejected(seen);
            case "08P01" -> foreign(seen);
            case "08006" -> broken(text, seen, chain);
            default ->
                state.startsWith("08")
                        ? new Offline(seen + causeOf(chain) + whatElse(text, chain) + busyPool(chain))
                        : new Inaccessible(Obstacle.DATA_SOURCE, seen + "; correct the data source's properties");
        };
    }

    static DatabaseState foreign(String seen) {
        return new Inaccessible(
                Obstacle.NOT_POSTGRESQL,
                seen + "; what listens there does not speak PostgreSQL's protocol, check host and port");
    }

    /** A connection that broke, or TLS that was not agreed upon. */
    private static DatabaseState broken(String text, String seen, List<Throwable> chain) {
        // the JDK's own words, which it does not translate
        if (ExceptionChain.first(chain, SSLException.class) != null && text.contains("unrecognized SSL message")) {
            return foreign(seen);
        }
        return isAboutCertificates(text, chain)
                ? new Inaccessible(
                        Obstacle.TLS, seen + "; correct the certificate, the host name or the URL's ssl files")
                : new Offline(seen + causeOf(chain) + whatElse(text, chain) + busyPool(chain));
    }

    private static boolean isAboutCertificates(String text, List<Throwable> chain) {
        Throwable deepest = ExceptionChain.deepestCause(chain);
        if (deepest instanceof EOFException || deepest instanceof SocketException) {
            // who hangs up during the handshake leaves a handshake exception too
            return false;
        }
        return ExceptionChain.first(chain, SSLHandshakeException.class) != null
                || ExceptionChain.first(chain, CertificateException.class) != null
                || ExceptionChain.first(chain, FileNotFoundException.class) != null
                || ExceptionChain.first(chain, NoSuchFileException.class) != null
                || text.contains("HostnameVerifier");
    }

    private static String whatElse(String text, List<Throwable> chain) {
        if (ExceptionChain.first(chain, UnknownHostException.class) != null) {
            return "; if it stays so, correct the host name";
        }
        if (text.contains("targetServerType")) {
            return "; a fail-over is under way, or the URL asks for a kind of server that is not there";
        }
        if (ExceptionChain.first(chain, SSLException.class) != null) {
            return "; the network, or a server or another service that wants other TLS settings";
        }
        return ExceptionChain.first(chain, SocketTimeoutException.class) == null && !isOfLoginTimeout(chain)
                ? ""
                : "; it took the connection but gave no answer in time: a silent server, a paused or exhausted pooler, or"
                        + " a locked version table";
    }

    /** Of all that keeps a connection from being made it alone has no cause in the network. */
    private static boolean isOfLoginTimeout(List<Throwable> chain) {
        return ExceptionChain.deepestCause(chain) instanceof PSQLException alone && "08001".equals(alone.getSQLState());
    }

    private static String busyPool(List<Throwable> chain) {
        return DataSourceFailures.isPoolExhausted(chain.get(0))
                ? "; or only an old failure, and the application's own pool is exhausted"
                : "";
    }
}
