package org.keops.automigrate.postgres.execution;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Array;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.script.Literals;
import org.keops.automigrate.script.ScriptSyntaxException;
import org.keops.automigrate.script.StatementKind;
import org.keops.automigrate.script.StatementTexts;
import org.keops.automigrate.script.StatementTraits;

/**
 * Our connection in the hands of code that is not ours: it can do all but end the transaction, change what belongs to the
 * migrator, or keep it. Every object that leads back to the connection leads back to this one. Used by one thread.
 */
final class LentConnection implements AutoCloseable {
    /** What a borrower may not do to a connection; {@code rollback} only without a savepoint. */
    private static final Set<String> OURS = Set.of(
            "commit", "close", "abort", "setAutoCommit", "setReadOnly", "setTransactionIsolation", "setNetworkTimeout");

    private static final Set<StatementKind> BREAKS = Set.of(
            StatementKind.TRANSACTION_START,
            StatementKind.TRANSACTION_END,
            StatementKind.TRANSACTION_SETTING,
            StatementKind.OUTSIDE_TRANSACTION);

    /** What may lead back to the connection, the special before the general. */
    private static final List<Class<?>> LEADING_BACK = List.of(
            CallableStatement.class,
            PreparedStatement.class,
            Statement.class,
            ResultSet.class,
            DatabaseMetaData.class,
            Array.class);

    private final Location borrower;
    private final Session session;
    private final Connection lent;
    private final List<String> secrets = new ArrayList<>();
    private volatile boolean over;
    private int statements;

    LentConnection(Session session, Location borrower) {
        this.borrower = borrower;
        this.session = session;
        this.lent = Connection.class.cast(proxy(Connection.class, session.connection()));
    }

    Connection connection() {
        return lent;
    }

    /** How many statements were executed so far. */
    int statements() {
        return statements;
    }

    /** The texts that went through it: what a message must not repeat. */
    Collection<String> secrets() {
        return secrets;
    }

    /** From now on nobody can use it. */
    @Override
    public void close() {
        over = true;
    }

    private Object proxy(Class<?> type, Object target) {
        return Proxy.newProxyInstance(
                LentConnection.class.getClassLoader(), new Class<?>[] {type}, new Guard(type, target));
    }

    private @Nullable Object wrap(@Nullable Object result) {
        if (result instanceof Connection) {
            return lent;
        }
        for (Class<?> type : LEADING_BACK) {
            if (type.isInstance(result)) {
                return proxy(type, result);
            }
        }
        return result;
    }

    private void checkCall(Class<?> type, Method method, @Nullable Object[] arguments) throws SQLException {
        String name = method.getName();
        boolean ofConnection = type == Connection.class;
        if (over && !name.equals("isClosed") && !name.equals("isValid")) {
            throw new SQLException("the transaction that this connection was lent for is over");
        }
        if (name.equals("unwrap") || (ofConnection && (OURS.contains(name) || isWholeRollback(name, arguments)))) {
            throw new SQLException("Connection." + name + " is the migrator's: the transaction ends with the record of"
                    + " the revision");
        }
        if (name.startsWith("execute")) {
            statements++;
        }
        boolean takesSql = name.startsWith("execute") || name.startsWith("prepare") || name.equals("addBatch");
        for (Object argument : arguments) {
            if (argument instanceof String text) {
                secrets.add(text);
            }
        }
        if (takesSql && arguments.length > 0 && arguments[0] instanceof String sql) {
            checkSql(sql);
        }
    }

    private static boolean isWholeRollback(String name, @Nullable Object[] arguments) {
        return name.equals("rollback") && arguments.length == 0;
    }

    private void checkSql(String sql) throws SQLException {
        try {
            // asked each time, for the borrower may change it
            boolean strings = session.dialect().standardConformingStrings();
            for (var statement : StatementTexts.of(sql, strings, borrower)) {
                StatementTraits traits = statement.traits();
                if (BREAKS.contains(traits.kind())) {
                    throw new SQLException(
                            traits.command() + " would break the transaction that a migration and its record share");
                }
                secrets.addAll(Literals.of(statement));
            }
        } catch (ScriptSyntaxException e) {
            throw new SQLException("in the statement " + e.problem().what(), e);
        }
    }

    /** Stands before one object of the driver. */
    private final class Guard implements InvocationHandler {
        private final Class<?> type;
        private final Object target;

        Guard(Class<?> type, Object target) {
            this.type = type;
            this.target = target;
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] given)
                throws Throwable {
            @Nullable Object[] arguments = given == null ? new Object[0] : given.clone();
            switch (method.getName()) {
                case "equals" -> {
                    return proxy == arguments[0];
                }
                case "hashCode" -> {
                    return System.identityHashCode(proxy);
                }
                case "isWrapperFor" -> {
                    return false;
                }
                default -> {}
            }
            if (method.getDeclaringClass() == Object.class) {
                return type == Array.class ? target.toString() : type.getSimpleName() + " lent to " + borrower;
            }
            if (over && method.getName().equals("isClosed")) {
                return true;
            }
            if (over && method.getName().equals("isValid")) {
                return false;
            }
            checkCall(type, method, arguments);
            try {
                return wrap(method.invoke(target, arguments));
            } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
            }
        }
    }
}
