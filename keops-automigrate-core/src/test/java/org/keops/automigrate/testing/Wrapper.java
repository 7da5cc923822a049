package org.keops.automigrate.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;

/** Data sources and connections of somebody's own making. */
public final class Wrapper {

    private Wrapper() {}

    /** What getConnection() does in place of what it should. */
    public interface Behaviour {
        Connection connect() throws SQLException;
    }

    /** What becomes of a connection before anybody gets it. */
    public interface Change {
        Connection of(Connection connection) throws SQLException;
    }

    /** What becomes of a call before the connection gets it, and after. */
    public interface Call {
        void before(String method, Object[] arguments) throws SQLException;

        /** Called when the connection has done it. */
        default void after(String method) throws SQLException {}
    }

    /** A data source that does nothing but this. */
    public static DataSource that(Behaviour behaviour) {
        return (DataSource) Proxy.newProxyInstance(
                Wrapper.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("getConnection")) {
                        return behaviour.connect();
                    }
                    if (method.getName().equals("getLoginTimeout")) {
                        // a pool asks for it when it is closed
                        return 0;
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    /** A data source whose connections are changed before anybody gets them. */
    public static DataSource of(DataSource dataSource, Change change) {
        return that(() -> change.of(dataSource.getConnection()));
    }

    /** A connection that stays open when it is closed, as it seems to whoever has borrowed it from a pool. */
    public static Connection kept(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                Wrapper.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) ->
                        method.getName().equals("close") ? null : method.invoke(connection, arguments));
    }

    /** Somebody who answers these calls, by the names of their methods, in another's place. */
    public static <T> T answering(Class<T> type, T other, Map<String, Object> answers) {
        return type.cast(Proxy.newProxyInstance(
                Wrapper.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> answers.containsKey(method.getName())
                        ? answers.get(method.getName())
                        : method.invoke(other, arguments)));
    }

    /** A connection that tells of each call. */
    public static Connection of(Connection connection, Call call) {
        return (Connection) Proxy.newProxyInstance(
                Wrapper.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    call.before(method.getName(), arguments == null ? new Object[0] : arguments);
                    try {
                        Object result = method.invoke(connection, arguments);
                        call.after(method.getName());
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
