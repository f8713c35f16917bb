package com.sdragent.imports.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import org.apache.catalina.core.StandardHost;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.servlet.config.annotation.ContentNegotiationConfigurer;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.json.JsonMapper;

/** How the service speaks HTTP: the container, what is read and what is answered. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WebProperties.class)
class WebConfiguration {
  private static final String SEND_BUFFER_BYTES = "131072";

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> container(WebProperties properties) {
    return factory -> {
      factory.setProtocol(HttpProtocol.class.getName());
      factory.addConnectorCustomizers(
          connector -> {
            if (connector.getProtocolHandler() instanceof HttpProtocol protocol) {
              protocol.setDeadlines(properties.headerTimeout(), properties.bodyTimeout());
            }
            // The kernel would take megabytes for each client that reads slowly, and the work for
            // them.
            connector.setProperty("socket.txBufSize", SEND_BUFFER_BYTES);
            // A body that is refused by its header is not asked for.
            connector.setProperty("continueResponseTiming", "onRead");
          });
      factory.addContextCustomizers(
          context -> {
            if (context.getParent() instanceof StandardHost host) {
              host.setErrorReportValveClass(JsonErrorReportValve.class.getName());
            }
          });
    };
  }

  /** Methods are not refused here, but where the ones that are served are known. */
  @Bean
  HttpFirewall httpFirewall() {
    var firewall = new StrictHttpFirewall();
    firewall.setUnsafeAllowAnyHttpMethod(true);
    return firewall;
  }

  @Bean
  RequestRejectedHandler requestRejectedHandler() {
    return (request, response, _) ->
        ErrorBodies.write(request, response, ErrorBodies.of(400, Map.of()));
  }

  @Bean
  StrictJson strictJson() {
    return new StrictJson();
  }

  @Bean
  WebMvcConfigurer messages(JsonMapper json) {
    return new WebMvcConfigurer() {
      @Override
      public void configureContentNegotiation(ContentNegotiationConfigurer configurer) {
        configurer.strategies(List.of(WebConfiguration::accepted));
      }

      @Override
      public void configureMessageConverters(HttpMessageConverters.ServerBuilder builder) {
        builder.withJsonConverter(new WholeJson(json));
      }

      @Override
      public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(new BodyRules());
      }
    };
  }

  private static List<MediaType> accepted(NativeWebRequest request)
      throws HttpMediaTypeNotAcceptableException {
    HttpServletRequest sent = request.getNativeRequest(HttpServletRequest.class);
    if (sent == null) return List.of(MediaType.ALL);
    try {
      List<MediaType> accepted = Accepted.of(sent).bestFirst();
      if (!accepted.isEmpty()) return accepted;
    } catch (InvalidMediaTypeException e) {
      // As good as none that could be served.
    }
    throw new HttpMediaTypeNotAcceptableException("Nothing that is served is accepted");
  }
}
