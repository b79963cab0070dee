package benchmarks;

import java.nio.file.Path;
import java.util.Map;

/** A DMN engine that takes part. */
interface Engine {

    /** Loads `model.dmn` in the folder, to be asked for one decision. Throws {@link Refusal}. */
    void load(Path folder, Asked asked) throws Exception;

    /** Decides one record: this alone is timed. */
    Object decide(Map<String, Object> record);

    /** Returns what `decide` returned as DMN's value: null, a scalar, a list or a map. */
    Object answer(Object raw);

    /** What is asked: the decision's name, and whether its table collects. */
    record Asked(String decision, boolean collects) {}

    /** The engine cannot do it; the message says why. */
    final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refusal(String reason) {
            super(reason);
        }
    }
}
