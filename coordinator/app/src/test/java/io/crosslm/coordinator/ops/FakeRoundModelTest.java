package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.round.FakeLanguageModel;
import io.crosslm.coordinator.round.RoundModel;

/** The model of the other tests. */
final class FakeRoundModelTest extends RoundModelContract {
    @Override
    RoundModel model() {
        return RoundModel.of(new FakeLanguageModel(0));
    }
}
