import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.message.Encoding;
import io.cloudevents.jackson.JsonCloudEventData;
import io.cloudevents.jackson.JsonFormat;
import io.cloudevents.kafka.CloudEventSerializer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Sends events with the CloudEvents SDK of Java and Kafka's own client: {@code Send BOOTSTRAP FILE}. */
public final class Send {
    private static final ObjectMapper JSON = new ObjectMapper();
    // 1 s: long enough that what is sent in one go becomes one batch a partition; flush() does not wait for it.
    private static final int LINGER_MILLISECONDS = 1_000;
    private static final Set<String> GIVEN = Set.of(
            "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data");

    private Send() {}

    /** What one producer sends: all events of a mode and a codec. */
    private record Manner(String mode, String codec) {}

    /** Sends what a file of JSON lines orders, and ends with 0 when all is acknowledged. */
    public static void main(String[] arguments) {
        try {
            for (var entry : readOrders(Path.of(arguments[1])).entrySet()) {
                send(arguments[0], entry.getKey(), entry.getValue());
            }
        } catch (Exception failure) {
            System.err.println(failure.toString().lines().findFirst().orElse("failed"));
            System.exit(1);
        }
    }

    private static Map<Manner, List<JsonNode>> readOrders(Path file) throws IOException {
        Map<Manner, List<JsonNode>> orders = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file)) {
            JsonNode order = JSON.readTree(line);
            var manner = new Manner(order.get("mode").asText(), order.get("codec").asText());
            orders.computeIfAbsent(manner, ignored -> new ArrayList<>()).add(order);
        }
        return orders;
    }

    private static void send(String bootstrap, Manner manner, List<JsonNode> orders)
            throws ExecutionException, InterruptedException, JsonProcessingException {
        try (var producer = new KafkaProducer<String, CloudEvent>(settings(bootstrap, manner))) {
            List<Future<?>> sent = new ArrayList<>();
            for (JsonNode order : orders) {
                CloudEvent event = build(order);
                sent.add(producer.send(new ProducerRecord<>(order.get("topic").asText(), event.getSubject(), event)));
            }
            producer.flush();
            for (Future<?> each : sent) {
                each.get();
            }
        }
    }

    private static Map<String, Object> settings(String bootstrap, Manner manner) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, manner.codec());
        settings.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MILLISECONDS);
        settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
        settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, CloudEventSerializer.class);
        Encoding encoding = Encoding.valueOf(manner.mode().toUpperCase());
        settings.put(CloudEventSerializer.ENCODING_CONFIG, encoding);
        if (encoding == Encoding.STRUCTURED) {
            settings.put(CloudEventSerializer.EVENT_FORMAT_CONFIG, JsonFormat.CONTENT_TYPE);
        }
        return settings;
    }

    private static CloudEvent build(JsonNode order) throws JsonProcessingException {
        JsonNode event = order.get("event");
        CloudEventBuilder builder = CloudEventBuilder.v1()
                .withId(event.get("id").asText())
                .withSource(URI.create(event.get("source").asText()))
                .withType(event.get("type").asText())
                .withSubject(event.get("subject").asText())
                .withTime(OffsetDateTime.parse(event.get("time").asText()));
        String type = event.get("datacontenttype").asText();
        if (order.get("bytes").asBoolean()) {
            builder.withData(type, JSON.writeValueAsBytes(event.get("data")));
        } else {
            builder.withData(type, JsonCloudEventData.wrap(event.get("data")));
        }
        event.fields().forEachRemaining(field -> {
            if (!GIVEN.contains(field.getKey())) {
                builder.withExtension(field.getKey(), field.getValue().asText());
            }
        });
        return builder.build();
    }
}
