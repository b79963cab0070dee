package benchmarks;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.kie.dmn.api.core.DMNContext;
import org.kie.dmn.api.core.DMNDecisionResult;
import org.kie.dmn.api.core.DMNMessage;
import org.kie.dmn.api.core.DMNModel;
import org.kie.dmn.api.core.DMNResult;
import org.kie.dmn.api.core.DMNRuntime;
import org.kie.dmn.core.internal.utils.DMNRuntimeBuilder;
import org.kie.internal.io.ResourceFactory;

/** Apache KIE's DMN engine (Drools). */
final class KieEngine implements Engine {

    private DMNRuntime runtime;
    private DMNModel model;
    private Asked asked;

    @Override
    public void load(Path folder, Asked question) {
        asked = question;
        runtime = DMNRuntimeBuilder.fromDefaults()
                .buildConfiguration()
                .fromResources(List.of(
                        ResourceFactory.newFileResource(folder.resolve("model.dmn").toFile())))
                .getOrElseThrow(error -> new Refusal(String.valueOf(error.getMessage())));
        model = runtime.getModels().get(0);
        if (model.hasErrors()) {
            throw new Refusal(model.getMessages(DMNMessage.Severity.ERROR).get(0).getText());
        }
    }

    @Override
    public Object decide(Map<String, Object> record) {
        DMNContext context = runtime.newContext();
        record.forEach(context::set);
        return runtime.evaluateByName(model, context, asked.decision());
    }

    @Override
    public Object answer(Object raw) {
        DMNResult result = (DMNResult) raw;
        DMNDecisionResult decision = result.getDecisionResultByName(asked.decision());
        if (decision.hasErrors()) {
            return "an error: " + decision.getMessages().get(0).getText();
        }
        return decision.getResult();
    }
}
