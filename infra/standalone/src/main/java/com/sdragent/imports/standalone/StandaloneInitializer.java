package com.sdragent.imports.standalone;

import com.sdragent.imports.embedded.Ports;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.security.oauth2.jwt.JwtDecoder;

/** Starts the servers before the application that needs them, and lets the demo organization in. */
final class StandaloneInitializer
    implements ApplicationContextInitializer<GenericApplicationContext> {

  @Override
  public void initialize(GenericApplicationContext context) {
    ConfigurableEnvironment environment = context.getEnvironment();
    Binder settings = Binder.get(environment);
    StandaloneProperties properties =
        settings.bindOrCreate("imports.standalone", StandaloneProperties.class);
    if (properties.demo()) admitDemo(context);
    // An application that cannot start need not start its servers, which take longest.
    Settings.require(settings);
    Ports.free(settings.bind("server.port", Integer.class).orElse(8080), "server.port");
    var servers = EmbeddedServers.start(properties);
    // The servers are registered before any other bean, and so closed after all of them.
    context.getBeanFactory().registerSingleton("embeddedServers", servers);
    context
        .getDefaultListableBeanFactory()
        .registerDisposableBean("embeddedServers", servers::close);
    context.registerBean("kafkaStart", KafkaStart.class, () -> new KafkaStart(servers));
    var addresses = new HashMap<String, Object>();
    addresses.put("imports.standalone.jdbc-url", servers.jdbcUrl());
    addresses.put("imports.standalone.kafka-servers", servers.kafkaServers());
    environment.getPropertySources().addFirst(new MapPropertySource("embedded servers", addresses));
  }

  /**
   * Lets the demo organization in, unless the operator's own keys or issuer take its place.
   *
   * @throws DemoExposedException when it could be used from other machines
   */
  static void admitDemo(GenericApplicationContext context) {
    ConfigurableEnvironment environment = context.getEnvironment();
    boolean ownKeys = environment.containsProperty("imports.access.api-keys[0].key");
    boolean ownTokens =
        Binder.get(environment)
            .bind("spring.security.oauth2.resourceserver.jwt", java.util.Map.class)
            .isBound();
    if (ownKeys || ownTokens) return;
    requireLoopback("server.address", environment);
    // A port of its own does not take over the address; a negative one is none.
    int management =
        Binder.get(environment).bind("management.server.port", Integer.class).orElse(-1);
    if (management >= 0) requireLoopback("management.server.address", environment);
    var demo = new DemoAccess();
    environment
        .getPropertySources()
        .addLast(new MapPropertySource("demo access", DemoAccess.properties()));
    context.registerBean(DemoAccess.class, () -> demo);
    context.registerBean(JwtDecoder.class, demo::decoder);
  }

  private static void requireLoopback(String property, ConfigurableEnvironment environment) {
    String address = environment.getProperty(property);
    try {
      if (address != null && InetAddress.getByName(address).isLoopbackAddress()) return;
    } catch (UnknownHostException e) {
      // Such an address does not count as loopback.
    }
    throw new DemoExposedException(
        property
            + " is not a loopback address, and everybody knows the demo key: set"
            + " keys or an issuer of your own, or "
            + property
            + "=127.0.0.1");
  }
}
