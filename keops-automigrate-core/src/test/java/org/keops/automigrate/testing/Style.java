package org.keops.automigrate.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.function.Function;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The ways in which applications make their data source of a URL, as far as one comes out of them. */
public enum Style {
    /** The driver's own. */
    PLAIN(Style::plain),

    /** Built at the first use; it tries once, and throws what the driver threw. */
    HIKARI_LAZY(url -> configured(new HikariDataSource(), url)),

    /** Built at once, without a look at the database; it tries until its connectionTimeout. */
    HIKARI_MINUS_ONE(url -> {
        HikariConfig config = configured(new HikariConfig(), url);
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    }),

    /** Built at the first use; it tries once, then until its connectionTimeout. */
    HIKARI_ZERO(url -> {
        HikariDataSource pool = configured(new HikariDataSource(), url);
        pool.setInitializationFailTimeout(0);
        return pool;
    }),

    /** As minus one, by the class name of the driver's data source. */
    HIKARI_CLASS_NAME(url -> {
        HikariConfig config = configured(new HikariConfig(), null);
        config.setDataSourceClassName(PGSimpleDataSource.class.getName());
        config.addDataSourceProperty("url", url);
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    }),

    /** As minus one, around the driver's data source. */
    HIKARI_DATA_SOURCE(url -> {
        HikariConfig config = configured(new HikariConfig(), null);
        config.setDataSource(plain(url));
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    });

    /** HikariCP's connectionTimeout in all styles. */
    public static final long CONNECTION_TIMEOUT_MILLIS = 4_000;

    @SuppressWarnings("ImmutableEnumChecker") // the lambdas above hold nothing
    private final Function<String, DataSource> factory;

    Style(Function<String, DataSource> factory) {
        this.factory = factory;
    }

    /**
     * Makes a data source.
     *
     * @param url a JDBC URL with credentials in it
     * @return the data source; close it if it can be closed
     */
    public DataSource of(String url) {
        return factory.apply(url);
    }

    private static PGSimpleDataSource plain(String url) {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(url);
        return dataSource;
    }

    private static <T extends HikariConfig> T configured(T config, String url) {
        if (url != null) {
            config.setJdbcUrl(url);
        }
        config.setMaximumPoolSize(1);
        config.setConnectionTimeout(CONNECTION_TIMEOUT_MILLIS);
        return config;
    }
}
