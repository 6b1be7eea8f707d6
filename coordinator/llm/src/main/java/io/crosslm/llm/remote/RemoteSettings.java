package io.crosslm.llm.remote;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * Which server is asked and how.
 *
 * @param server http or https address without the part that begins with /v1
 * @param model name in the server's list; empty takes the only one
 * @param apiKey sent with every request
 * @param concurrency requests that are under way at a time
 * @param limits of time and size
 */
public record RemoteSettings(
        URI server, String model, ApiKey apiKey, int concurrency, RemoteLimits limits) {
    /** {@value} requests at a time. */
    public static final int DEFAULT_CONCURRENCY = 8;

    private static final int MAXIMUM_CONCURRENCY = 256;

    public RemoteSettings {
        if (concurrency < 1 || concurrency > MAXIMUM_CONCURRENCY) {
            throw new IllegalArgumentException(
                    "concurrency must be 1 to " + MAXIMUM_CONCURRENCY + " but is " + concurrency);
        }
    }

    /**
     * A server with its only model, no key, default limits.
     *
     * @param address as {@code http://127.0.0.1:8000} or {@code https://host/path/v1}
     * @throws LanguageModelException BAD_INPUT if it is no such address
     */
    public static RemoteSettings of(String address) {
        return new RemoteSettings(
                parse(address), "", ApiKey.none(), DEFAULT_CONCURRENCY, RemoteLimits.defaults());
    }

    private static URI parse(String address) {
        URI uri;
        try {
            uri = new URI(address.strip().replaceFirst("/+$", "").replaceFirst("/v1$", ""));
        } catch (URISyntaxException e) {
            throw bad("it is no address");
        }
        String scheme = String.valueOf(uri.getScheme());
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw bad("it begins with another word");
        }
        if (uri.getRawUserInfo() != null) {
            throw bad("it has a user in it; a key belongs into a file or the environment");
        }
        if (uri.getHost() == null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw bad("its host is missing or wrong, or it has a query");
        }
        return uri;
    }

    private static LanguageModelException bad(String found) {
        return new LanguageModelException(
                Code.BAD_INPUT,
                "Expected the address of a server like http://127.0.0.1:8000, but " + found);
    }

    /** With the model of this name. */
    public RemoteSettings withModel(String name) {
        return new RemoteSettings(server, name, apiKey, concurrency, limits);
    }

    public RemoteSettings withApiKey(ApiKey key) {
        return new RemoteSettings(server, model, key, concurrency, limits);
    }

    public RemoteSettings withConcurrency(int requests) {
        return new RemoteSettings(server, model, apiKey, requests, limits);
    }

    public RemoteSettings withLimits(RemoteLimits other) {
        return new RemoteSettings(server, model, apiKey, concurrency, other);
    }

    /** Host and port, for messages: a path may hold something secret. */
    String authority() {
        return uriHost() + (server.getPort() < 0 ? "" : ":" + server.getPort());
    }

    private String uriHost() {
        return String.valueOf(server.getHost());
    }

    /** Whether the key would travel readably to another machine. */
    public boolean sendsKeyReadably() {
        String host = uriHost();
        boolean here = host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
        return !apiKey.isNone() && "http".equals(server.getScheme()) && !here;
    }
}
