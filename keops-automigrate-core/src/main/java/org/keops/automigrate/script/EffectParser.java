package org.keops.automigrate.script;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the first tokens of a statement for its {@link Effect}. For one statement, not thread-safe. */
final class EffectParser {
    private static final int ENOUGH = 64;
    private static final Set<String> NAMED = Set.of("database", "tablespace", "subscription");

    private final Tokens tokens;
    private int at;

    EffectParser(Statement statement) {
        this.tokens = Tokens.first(statement, ENOUGH);
    }

    Effect effect() {
        Effect effect = switch (word()) {
            case "create" -> create();
            case "drop" -> drop();
            case "alter" -> alter();
            case "reindex" -> reindex();
            case "commit", "rollback" -> prepared();
            case "vacuum", "cluster", "discard", "analyze", "checkpoint", "refresh" -> new Effect.Repeatable();
            default -> null;
        };
        return effect == null ? new Effect.Unknown() : effect;
    }

    private @Nullable Effect create() {
        skip("unique");
        String what = word();
        if (what.equals("index")) {
            return createIndex();
        }
        String name = NAMED.contains(what) ? name() : null;
        return name == null ? null : new Effect.ObjectMade(what, name);
    }

    private @Nullable Effect createIndex() {
        skip("concurrently");
        boolean ifNotExists = skip("if");
        if (ifNotExists) {
            at += 2;
        }
        String name = tokens.is(at, "on") ? null : name();
        if (!skip("on")) {
            return null;
        }
        skip("only");
        String table = name();
        return table == null ? null : new Effect.IndexMade(name, table, ifNotExists);
    }

    private @Nullable Effect drop() {
        String what = word();
        skip("concurrently");
        if (skip("if")) {
            at++;
        }
        String name = what.equals("index") || NAMED.contains(what) ? name() : null;
        if (name == null) {
            return null;
        }
        return what.equals("index") ? new Effect.IndexDropped(name) : new Effect.ObjectDropped(what, name);
    }

    private @Nullable Effect alter() {
        String what = word();
        if (!what.equals("table")) {
            return Set.of("system", "database", "subscription").contains(what) ? new Effect.Repeatable() : null;
        }
        if (skip("if")) {
            at++;
        }
        skip("only");
        String parent = name();
        skip("*");
        if (parent == null || !skip("detach") || !skip("partition")) {
            return null;
        }
        String partition = name();
        return partition == null ? null : new Effect.PartitionDetached(parent, partition);
    }

    private Effect reindex() {
        boolean concurrently = false;
        if (skip("(")) {
            while (at < tokens.size() && !skip(")")) {
                concurrently |= word().equals("concurrently");
            }
        }
        String scope = word();
        concurrently |= skip("concurrently");
        return concurrently ? new Effect.IndexesRebuilt(scope, name()) : new Effect.Repeatable();
    }

    private @Nullable Effect prepared() {
        String gid = skip("prepared") ? tokens.written(at) : "";
        boolean plain = gid.length() > 2 && gid.charAt(0) == '\'' && gid.indexOf('\\') < 0;
        return plain
                ? new Effect.PreparedEnded(gid.substring(1, gid.length() - 1).replace("''", "'"))
                : null;
    }

    /** A name with its qualifiers, as written; one in Unicode escapes only the server's parser can read. */
    private @Nullable String name() {
        StringBuilder name = new StringBuilder();
        do {
            String part = tokens.written(at++);
            boolean quoted = part.startsWith("\"");
            if (!quoted && (part.isEmpty() || part.startsWith("U&") || part.startsWith("u&") || !isWord(part))) {
                return null;
            }
            name.append(part);
        } while (skip(".") && !name.append('.').isEmpty());
        return name.toString();
    }

    private static boolean isWord(String token) {
        int first = token.codePointAt(0);
        return first == '_' || first > 127 || Character.isLetter(first);
    }

    private String word() {
        return tokens.at(at++);
    }

    private boolean skip(String word) {
        boolean there = tokens.is(at, word);
        at += there ? 1 : 0;
        return there;
    }
}
