package differential;

import java.util.List;
import java.util.Map;

/** A DMN engine that answers questions; its values are its own, see {@link Normal}. */
interface Engine {

    /** The name under which the answers are given. */
    String name();

    /**
     * Returns a question made ready: one answer for each row of inputs.
     *
     * @throws Refusal when the engine does not take the text
     */
    Answers ready(Question question);

    /** A question made ready. */
    interface Answers {
        /** Returns the engine's own value; null where the answer is null. */
        Object answer(Map<String, Object> inputs);
    }

    /** Returns the engine's own value of a FEEL literal. */
    Object literal(String text);

    /** What is asked: `inputs` and `samples` are FEEL literals by variable. */
    record Question(
            String id,
            String kind,
            String text,
            Map<String, String> samples,
            List<Map<String, String>> inputs) {}

    /** The engine does not take the text: a syntax error, or types it calls wrong. */
    final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refusal(String message) {
            super(message);
        }
    }
}
