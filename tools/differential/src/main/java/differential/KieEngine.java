package differential;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.kie.api.io.Resource;
import org.kie.dmn.api.core.DMNContext;
import org.kie.dmn.api.core.DMNMessage;
import org.kie.dmn.api.core.DMNModel;
import org.kie.dmn.api.core.DMNRuntime;
import org.kie.dmn.api.feel.runtime.events.FEELEvent;
import org.kie.dmn.core.internal.utils.DMNRuntimeBuilder;
import org.kie.dmn.feel.FEEL;
import org.kie.dmn.feel.lang.CompiledExpression;
import org.kie.dmn.feel.lang.CompilerContext;
import org.kie.dmn.feel.lang.EvaluationContext;
import org.kie.dmn.feel.lang.impl.EvaluationContextImpl;
import org.kie.dmn.feel.lang.impl.FEELEventListenersManager;
import org.kie.dmn.feel.lang.impl.FEELBuilder;
import org.kie.dmn.feel.lang.FEELDialect;
import org.kie.dmn.feel.runtime.UnaryTest;
import org.kie.internal.io.ResourceFactory;

/** Apache KIE's DMN engine (Drools). */
final class KieEngine implements Engine {

    private final List<String> errors = new ArrayList<>();
    private final FEEL feel = FEELBuilder.builder().withFEELDialect(FEELDialect.FEEL).build();

    KieEngine() {
        feel.addListener(event -> {
            if (event.getSeverity() == FEELEvent.Severity.ERROR) {
                errors.add(event.getMessage());
            }
        });
    }

    @Override
    public String name() {
        return "kie";
    }

    @Override
    public Object literal(String text) {
        return feel.evaluate(text);
    }

    @Override
    public Answers ready(Question question) {
        return switch (question.kind()) {
            case "expression" -> expression(question);
            case "unary" -> unaryTests(question);
            case "table" -> table(question);
            default -> throw new Refusal("unknown kind " + question.kind());
        };
    }

    private CompilerContext scope(Question question) {
        CompilerContext scope = feel.newCompilerContext();
        question.samples().forEach((name, text) -> scope.addInputVariable(name, literal(text)));
        return scope;
    }

    private Answers expression(Question question) {
        CompilerContext scope = scope(question);
        errors.clear();
        CompiledExpression compiled = feel.compile(question.text(), scope);
        refuseOnError();
        return inputs -> feel.evaluate(compiled, inputs);
    }

    private Answers unaryTests(Question question) {
        CompilerContext scope = scope(question);
        errors.clear();
        CompiledExpression compiled = feel.processUnaryTests(question.text(), scope);
        refuseOnError();
        return inputs -> {
            Map<String, Object> variables = new HashMap<>(inputs);
            Object tested = variables.get("?");
            EvaluationContext context = new EvaluationContextImpl(
                    KieEngine.class.getClassLoader(), new FEELEventListenersManager(),
                    variables.size(), FEELDialect.FEEL);
            variables.forEach(context::setValue);
            @SuppressWarnings("unchecked")
            List<UnaryTest> tests = (List<UnaryTest>) feel.evaluate(compiled, context);
            boolean passed = false;
            for (UnaryTest test : tests) {
                passed |= Boolean.TRUE.equals(test.apply(context, tested));
            }
            return passed;
        };
    }

    private void refuseOnError() {
        if (!errors.isEmpty()) {
            throw new Refusal(errors.get(0));
        }
    }

    private Answers table(Question question) {
        byte[] bytes = question.text().getBytes(StandardCharsets.UTF_8);
        Resource resource = ResourceFactory.newInputStreamResource(new ByteArrayInputStream(bytes));
        DMNRuntime runtime = DMNRuntimeBuilder.fromDefaults()
                .buildConfiguration()
                .fromResources(List.of(resource))
                .getOrElseThrow(error -> new Refusal(String.valueOf(error.getMessage())));
        DMNModel model = runtime.getModels().get(0);
        if (model.hasErrors()) {
            throw new Refusal(model.getMessages(DMNMessage.Severity.ERROR).get(0).getText());
        }
        return inputs -> {
            DMNContext context = runtime.newContext();
            inputs.forEach(context::set);
            return runtime.evaluateByName(model, context, "Answer")
                    .getDecisionResultByName("Answer")
                    .getResult();
        };
    }
}
