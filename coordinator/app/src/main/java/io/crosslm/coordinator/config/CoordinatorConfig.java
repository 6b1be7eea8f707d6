package io.crosslm.coordinator.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The coordinator's own settings; an unknown key below {@code crosslm} stops the start ({@link
 * KnownSettings}). Immutable.
 */
@ConfigMapping(prefix = "crosslm")
public interface CoordinatorConfig {
    /** Folder of database, artifacts, broker state and admin token. */
    Path dataDir();

    /** Folder of downloaded models. */
    Path cacheDir();

    /** Token of the administrator; made at the first start where it is absent. */
    Optional<String> adminToken();

    /**
     * Host name or address under which devices reach this machine; the bind address where absent.
     */
    Optional<String> publicHost();

    /** Encryption of HTTP and MQTT. */
    Tls tls();

    /** The broker. */
    Mqtt mqtt();

    /** The large language model. */
    Llm llm();

    /** The small language models. */
    Slm slm();

    /** Settings of the encryption. */
    interface Tls {
        /** Whether HTTP and MQTT are encrypted. */
        @WithDefault("auto")
        TlsMode mode();

        /**
         * PEM file of the operator's certificate, then of those that lead to its authority; the
         * coordinator makes one where absent.
         */
        Optional<Path> certificate();

        /** PEM file of the private key of that certificate. */
        Optional<Path> key();

        /**
         * PEM file of the authority that devices shall trust; the last one of the certificate's
         * file where absent.
         */
        Optional<Path> authority();

        /** More host names and addresses that the coordinator's own certificate is made for. */
        Optional<List<String>> names();
    }

    /** Whether HTTP and MQTT are encrypted. */
    enum TlsMode {
        /** On as soon as one of them listens on an address that other machines can reach. */
        AUTO,
        /** Always. */
        ON,
        /** Never: devices on other machines refuse to connect. */
        OFF
    }

    /** Settings of the broker. */
    interface Mqtt {
        /** "embedded", or the address of another one: mqtt://host:port or mqtts://host:port. */
        @WithDefault("embedded")
        String broker();

        /** Address that the embedded broker listens on. */
        @WithDefault("127.0.0.1")
        String host();

        /** Port that the embedded broker listens on; 0 takes a free one. */
        @WithDefault("1883")
        int port();

        /** Address of another broker as devices reach it; that of {@link #broker} where absent. */
        Optional<String> publicUri();

        /** The coordinator's user name at another broker. */
        Optional<String> username();

        /** File of the password that belongs to {@link #username}. */
        Optional<Path> passwordFile();

        /**
         * PEM file of the authority that another broker's certificate must be of; the one that
         * devices trust where absent.
         */
        Optional<Path> caFile();

        /** Who keeps the devices' accounts at another broker. */
        @WithDefault("operator")
        MqttAccess access();

        /** Folder for a certificate of the coordinator's authority for another broker. */
        Optional<Path> certificateDir();
    }

    /** Who keeps the devices' accounts at a broker that is not embedded. */
    enum MqttAccess {
        /** The operator; the coordinator changes nothing. */
        OPERATOR,
        /** The coordinator, by the dynamic security plugin of mosquitto. */
        DYNAMIC_SECURITY
    }

    /** Settings of the large language model. */
    interface Llm {
        /** Catalogue name, path, or "none". */
        @WithDefault("smollm2-135m-instruct")
        String model();

        /** Number format of the weights; auto takes what this processor computes faster. */
        @WithDefault("auto")
        DataType dataType();

        /** "cpu", or "cuda:N" where a PyTorch with CUDA is on the class path. */
        @WithDefault("cpu")
        String device();

        /**
         * JSON lines with {@code context} and {@code continuation}, plain or gzip: general language
         * that tuning must not unlearn. Where absent, the model is held by its own texts alone.
         */
        Optional<Path> generalPassages();

        /** Threads that compute; the engine's choice where absent. */
        Optional<Integer> threads();

        /** Whether the layers' matrices are there once more while texts are written on a CPU. */
        @WithDefault("true")
        boolean packedLayers();

        /** A model behind a server in place of one in this process. */
        Remote remote();
    }

    /** Settings of the small language models. */
    interface Slm {
        /** Encoders that tasks may name beside "minilm", which is part of the product. */
        Map<String, Encoder> encoders();
    }

    /** A public encoder that small models are built on. */
    interface Encoder {
        /**
         * Folder, or zip or jar, that holds one .onnx file and one whose name ends in
         * tokenizer.json.
         */
        Path path();

        /** Its licence, an SPDX identifier, for the packages' manifests. */
        @WithDefault("NOASSERTION")
        String licence();
    }

    /** Settings of a language model behind a server with OpenAI's completions API. */
    interface Remote {
        /**
         * Address of the server, http or https, up to and without {@code /v1}; where it is present,
         * no model is loaded here, and the other settings of {@link Llm} mean nothing.
         */
        Optional<String> url();

        /** Name in the server's list of models; the only one where absent. */
        Optional<String> model();

        /** Secret that the server asks for; meant for the environment. */
        Optional<String> apiKey();

        /** File of the secret that the server asks for. */
        Optional<Path> apiKeyFile();

        /** Requests that are under way at a time. */
        @WithDefault("8")
        int concurrency();
    }

    /** Number format of a model's weights. */
    enum DataType {
        /** bfloat16 on a GPU and where the processor multiplies it, else 32-bit floats. */
        AUTO,
        /** 32-bit floating point. */
        FP32,
        /** bfloat16. */
        BF16
    }
}
