package io.crosslm.coordinator.task;

/** Task definitions for tests. */
public final class Tasks {
    private Tasks() {}

    /** Two labels, small numbers. */
    public static TaskDefinition weather() {
        return weather("\"samplesPerRound\": 32, \"completionsPerPrompt\": 4");
    }

    /** Two labels with these settings. */
    public static TaskDefinition weather(String settings) {
        return TaskDefinition.parse(
                """
                {"name": "weather",
                 "labels": [
                   {"name": "sun", "words": " sunny",
                    "exemplars": ["the sky is blue and warm today", "bright light all day long"]},
                   {"name": "rain", "words": " rainy",
                    "exemplars": ["wet streets and grey clouds again", "bring an umbrella tonight"]}],
                 "generation": {"style": "few-shot", "labelField": "Kind", "textField": "Report"},
                 "classification": "Report: {text}\\nThe weather is",
                 "settings": {SETTINGS}}
                """
                        .replace("SETTINGS", settings));
    }
}
