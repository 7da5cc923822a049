package org.keops.automigrate.cli;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.UnsoundScriptsException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The operator's command line: {@code java -jar keops-automigrate-core-…-cli.jar upgrade head}. */
@Command(
        name = "keops-automigrate",
        description = "Upgrades a PostgreSQL schema, in Alembic's language.",
        synopsisSubcommandLabel = "VERB",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
public final class Main {
    private static final String PASSWORD_AS_ARGUMENT =
            "--password asks for the password and takes none; write it last or before another option, and see --password-file";

    private static final String OPTION = "option ";

    private static final String LOG = "org.slf4j.simpleLogger.";

    private Main() {}

    /**
     * Runs a verb and ends the process with its exit code.
     *
     * @param arguments the verb and its options
     */
    @SuppressWarnings(
            "SystemConsoleNull") // from Java 22 on a console that is no terminal reads what is piped in: as good
    public static void main(String[] arguments) {
        quietLog();
        Console console = System.console();
        BottomLine bottom = bottomLine();
        PrintWriter out = writer(new FileOutputStream(FileDescriptor.out));
        PrintWriter err = writer(bottom == null ? new FileOutputStream(FileDescriptor.err) : bottom);
        Terminal.Prompt prompt = console == null ? null : question -> console.readPassword("%s", question);
        Terminal terminal = new Terminal(out, err, System.getenv(), prompt, bottom);
        System.exit(Signals.heededBy(() -> run(terminal, arguments)));
    }

    static int run(Terminal terminal, String... arguments) {
        CommandLine line = commandLine(terminal);
        boolean json = List.of(arguments).contains("--json");
        line.setParameterExceptionHandler((e, args) -> {
            String message = message(e);
            terminal.err().println(message);
            terminal.err().println("See: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
            return failed(terminal, json, ExitCode.USAGE, message, List.of());
        });
        line.setExecutionExceptionHandler((e, cause, result) -> failed(terminal, json, e));
        line.setExecutionStrategy(Main::runWithoutTypos);
        int code = mayHoldAPassword(arguments)
                ? failed(terminal, json, new UsageException(PASSWORD_AS_ARGUMENT))
                : line.execute(arguments);
        // a disk that is full, or a reader that has gone
        boolean unwritten = terminal.out().checkError();
        if (unwritten) {
            terminal.err().println("the answer could not be written to the end");
        }
        terminal.err().flush();
        return unwritten && code == ExitCode.OK ? ExitCode.NOT_WRITTEN : code;
    }

    /** What can not be parsed; a verb that is missing or unknown is told which there are. */
    private static String message(ParameterException e) {
        CommandLine line = e.getCommandLine();
        if (line.getParent() != null) {
            String typo = typo(line.getParseResult());
            return typo == null ? String.valueOf(e.getMessage()) : typo;
        }
        String verbs =
                "; the verbs are " + String.join(", ", line.getSubcommands().keySet());
        if (!(e instanceof CommandLine.UnmatchedArgumentException unmatched)
                || unmatched.getUnmatched().get(0).startsWith("-")) {
            return e.getMessage()
                    + (e instanceof CommandLine.UnmatchedArgumentException ? "; a verb comes first" : "")
                    + verbs;
        }
        List<String> close = unmatched.getSuggestions();
        return "Unknown verb: '" + unmatched.getUnmatched().get(0) + "'"
                + (close.isEmpty() ? verbs : "; did you mean " + String.join(" or ", close) + "?");
    }

    private static int runWithoutTypos(ParseResult parsed) {
        ParseResult verb = parsed.subcommand();
        String typo = verb == null ? null : typo(verb);
        if (verb != null && typo != null) {
            throw new ParameterException(verb.commandSpec().commandLine(), typo);
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    /** A target may begin with a minus and a number; anything else that begins so was meant as an option. */
    private static @Nullable String typo(ParseResult verb) {
        Stream<String> targets = verb.matchedPositionals().stream().flatMap(one -> one.originalStringValues().stream());
        return Stream.concat(targets, verb.unmatched().stream())
                .filter(value -> value.startsWith("-") && !value.matches("-[0-9].*"))
                .findFirst()
                .map(value -> "Unknown option: '" + value + "'")
                .orElse(null);
    }

    /** What is written behind {@code --password} is refused before any message can repeat it. */
    private static boolean mayHoldAPassword(String... arguments) {
        for (int i = 0; i < arguments.length; i++) {
            boolean asks = arguments[i].equals("--password") || arguments[i].equals("-W");
            boolean attached = arguments[i].startsWith("--password=") || (arguments[i].startsWith("-W") && !asks);
            if (attached || (asks && i + 1 < arguments.length && !arguments[i + 1].startsWith("--"))) {
                return true;
            }
        }
        return false;
    }

    private static CommandLine commandLine(Terminal terminal) {
        CommandLine line = new CommandLine(new Main());
        List<Object> verbs = List.of(
                new BootVerb.Run(terminal),
                new BootVerb.Planned(terminal),
                new ChangeVerb.Upgrade(terminal),
                new ChangeVerb.Downgrade(terminal),
                new ChangeVerb.Stamp(terminal),
                new QuestionVerb.Current(terminal),
                new QuestionVerb.Heads(terminal),
                new QuestionVerb.Branches(terminal),
                new HistoryVerb(terminal),
                new QuestionVerb.Show(terminal),
                new CheckVerb(terminal),
                new SqlVerb(terminal),
                new NewScriptVerb.NewRevision(terminal),
                new NewScriptVerb.Merge(terminal),
                new BootVerb.FixPermissions(terminal),
                new VerifyVerb(terminal),
                new BundleVerb(terminal),
                new IndexVerb(terminal),
                new ImportVerb(terminal));
        for (Object verb : verbs) {
            CommandLine one = new CommandLine(verb);
            one.getCommandSpec().mixinStandardHelpOptions(true);
            line.addSubcommand(one);
            // -1 and -2:head are targets
            one.setUnmatchedOptionsArePositionalParams(true);
        }
        line.setOut(terminal.out());
        line.setErr(terminal.err());
        return line;
    }

    private static int failed(Terminal terminal, boolean json, Exception e) {
        if (e instanceof UnsoundScriptsException unsound) {
            if (unsound.problems().stream().allMatch(Main::isOfAnOption)) {
                return failed(terminal, json, new UsageException(options(unsound.problems())));
            }
            terminal.err()
                    .println(String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            unsound.problems().forEach(one -> Verb.lines(one).forEach(terminal.err()::println));
            return failed(
                    terminal,
                    json,
                    ExitCode.SCRIPTS_UNSOUND,
                    String.valueOf(e.getMessage()),
                    unsound.problems().stream().map(Fields::of).toList());
        }
        boolean usage = e instanceof UsageException || e instanceof RevisionException;
        int code = usage ? ExitCode.USAGE : ExitCode.INTERNAL;
        String message = usage ? String.valueOf(e.getMessage()) : e.toString();
        terminal.err().println(message);
        return failed(terminal, json, code, message, List.of());
    }

    /** The builder calls an option by its method. */
    private static boolean isOfAnOption(Problem problem) {
        return problem.where().file().startsWith(OPTION);
    }

    private static String options(List<Problem> problems) {
        return problems.stream()
                .map(one -> "--"
                        + Names.kebab(one.where().file().substring(OPTION.length())) + ": " + one.what()
                        + (one.where().file().equals(OPTION + "whenUnversioned") ? "; it is " + BootVerb.WHAT : ""))
                .collect(Collectors.joining("\n"));
    }

    private static int failed(
            Terminal terminal, boolean json, int code, String message, List<Map<String, @Nullable Object>> problems) {
        if (json) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("exitCode", code);
            fields.put("error", message);
            fields.put("problems", problems);
            terminal.out().println(Json.write(fields));
        }
        return code;
    }

    /** UTF-8 whatever the locale says: scripts are, and {@code sql} writes them out again. */
    private static PrintWriter writer(OutputStream stream) {
        return new PrintWriter(stream, false, StandardCharsets.UTF_8);
    }

    /** The log has to go through the bottom line, or it would be written behind the bar. */
    private static @Nullable BottomLine bottomLine() {
        boolean quiet = Set.of("warn", "error", "off")
                .contains(System.getProperty(LOG + "defaultLogLevel", "").toLowerCase(Locale.ROOT));
        if (quiet || !BottomLine.isPossible(BottomLine.STDERR, System.getenv())) {
            return null;
        }
        BottomLine bottom =
                new BottomLine(new FileOutputStream(FileDescriptor.err), BottomLine.width(System.getenv("COLUMNS")));
        System.setErr(new PrintStream(bottom, true, StandardCharsets.UTF_8));
        return bottom;
    }

    private static void quietLog() {
        Map.of("showThreadName", "false", "showShortLogName", "true", "defaultLogLevel", "info")
                .forEach((key, value) -> {
                    if (System.getProperty(LOG + key) == null) {
                        System.setProperty(LOG + key, value);
                    }
                });
    }

    /** Says the version of the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"keops-automigrate " + (version == null ? "(not packaged)" : version)};
        }
    }
}
