package com.example;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.GenerationRequest;
import io.crosslm.llm.LanguageModel;
import io.crosslm.llm.PreferencePair;
import io.crosslm.llm.ReplaySettings;
import io.crosslm.llm.Sampling;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningListener;
import io.crosslm.llm.TuningResult;
import io.crosslm.llm.TuningSettings;
import io.crosslm.llm.format.PeftAdapter;
import io.crosslm.llm.torch.TorchLanguageModel;
import io.crosslm.llm.torch.TorchSettings;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Writes a reply, learns from three preferences how a reply should be, and writes it again. */
public final class PoliteModel {
    private static final String PROMPT = "Customer: My lamp arrived broken.\nShop:";

    private static final List<PreferencePair> PAIRS =
            List.of(
                    pair("The kettle leaks.", "We are sorry! We will send a new kettle."),
                    pair("The shoes are too small.", "We are sorry! We will send a larger pair."),
                    pair("My parcel is late.", "We are sorry! We will look for your parcel."));

    private PoliteModel() {}

    public static void main(String[] arguments) throws IOException {
        Path weights = Path.of(arguments[0]);
        Path folder = Path.of(arguments[1]);
        try (LanguageModel model = TorchLanguageModel.open(weights, TorchSettings.defaults())) {
            System.out.println("untuned: " + reply(model, Adapter.none()));
            TuningSettings settings =
                    TuningSettings.defaults().withReplay(ReplaySettings.off()).withPasses(8);
            TuningResult result =
                    model.tune(TuningJob.ofPairs(PAIRS, settings, 7), TuningListener.noop());
            System.out.printf("loss: %.3f, then %.3f%n", result.firstLoss(), result.lastLoss());
            PeftAdapter.write(result.adapter(), model.description().name(), folder);
            System.out.println("tuned: " + reply(model, PeftAdapter.read(folder)));
        }
    }

    private static String reply(LanguageModel model, Adapter adapter) {
        Sampling sampling = Sampling.of(24).withTopP(0.9).withStops(List.of("\n"));
        GenerationRequest request =
                new GenerationRequest(List.of(PROMPT), 1, sampling, 7, adapter);
        return model.generate(request, GenerationListener.noop()).get(0).text().strip();
    }

    private static PreferencePair pair(String complaint, String chosen) {
        String prompt = "Customer: " + complaint + "\nShop:";
        return new PreferencePair(prompt, " " + chosen + "\n", " That is your problem.\n");
    }
}
