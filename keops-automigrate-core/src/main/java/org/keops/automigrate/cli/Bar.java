package org.keops.automigrate.cli;

import java.util.Locale;
import java.util.function.Consumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Progress;

/**
 * A bar at the bottom of a terminal: the steps that are done, and where the one is that runs. It appears with the first
 * statement and is taken away when it is closed. The library's thread draws, so that the work never waits for a terminal.
 */
final class Bar implements Consumer<Progress>, AutoCloseable {
    private static final int MILLISECONDS_BETWEEN = 500;

    private final BottomLine bottom;
    private @Nullable ProgressBar bar;

    Bar(BottomLine bottom) {
        this.bottom = bottom;
    }

    @Override
    public synchronized void accept(Progress progress) {
        if (bar == null) {
            bar = bar(progress.steps());
        }
        bar.stepTo(progress.step() - 1L);
        bar.setExtraMessage(text(progress));
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
        bottom.erase();
    }

    /** Plain ASCII, with a width of our own: the library's look at the terminal starts processes. */
    private ProgressBar bar(int steps) {
        return new ProgressBarBuilder()
                .setTaskName("steps")
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.ASCII)
                .hideEta()
                .setUpdateIntervalMillis(MILLISECONDS_BETWEEN)
                .setConsumer(new DelegatingProgressBarConsumer(bottom::show, bottom.width()))
                .build();
    }

    /** {@code 84c03f89212d:17, 4.1 MB, 1200 rows, 10 s}: revision and line, what is done of the script, and since when. */
    static String text(Progress progress) {
        String rows = progress.rowsCopied() == 0 ? "" : ", " + progress.rowsCopied() + " rows";
        int line = progress.statement().line();
        String text = progress.revision() + (line == 0 ? "" : ":" + line)
                + ", " + size(progress.bytes()) + rows + ", "
                + progress.elapsed().toSeconds() + " s";
        return text.replaceAll("\\p{Cntrl}", "?"); // nobody's name for a revision moves the cursor
    }

    private static String size(long bytes) {
        if (bytes < 1_000) {
            return bytes + " B";
        }
        return bytes < 1_000_000
                ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
                : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
