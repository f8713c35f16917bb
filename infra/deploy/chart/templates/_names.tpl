{{- define "imports.name" -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{- end }}

{{- define "imports.selector" -}}
app.kubernetes.io/name: imports
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .side }}
{{- end }}

{{- define "imports.labels" -}}
{{ include "imports.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "imports.image" -}}
{{ .root.Values.image.registry }}imports/{{ .side }}-side:{{ (index .root.Values .side).tag | default .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{- /* without a registry the images are on the nodes of the cluster, and nobody else's is taken for them */ -}}
{{- define "imports.pullPolicy" -}}
{{ if .Values.image.registry }}{{ .Values.image.pullPolicy }}{{ else }}Never{{ end }}
{{- end }}

{{- define "imports.login" -}}
- name: {{ .username }}
  valueFrom: {secretKeyRef: {name: {{ .secret }}, key: username}}
- name: {{ .password }}
  valueFrom: {secretKeyRef: {name: {{ .secret }}, key: password}}
{{- end }}

{{- /* what every process needs to reach PostgreSQL */ -}}
{{- define "imports.database" -}}
- name: SPRING_DATASOURCE_URL
  value: {{ required "database.url is needed, such as jdbc:postgresql://db1,db2/imports" .Values.database.url | quote }}
{{- with .Values.settings }}
- name: SPRING_APPLICATION_JSON
  value: {{ toJson . | quote }}
{{- end }}
{{- end }}

{{- define "imports.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "imports.volumeMounts" -}}
- {name: tmp, mountPath: /tmp}
{{- range .Values.mounts }}
- {name: {{ .name }}, mountPath: {{ .path }}, readOnly: true}
{{- end }}
{{- end }}

{{- define "imports.volumes" -}}
- name: tmp
  emptyDir: {sizeLimit: 256Mi}
{{- range .Values.mounts }}
- name: {{ .name }}
  {{- if .secret }}
  secret: {secretName: {{ .secret }}}
  {{- else }}
  configMap: {name: {{ .configMap }}}
  {{- end }}
{{- end }}
{{- end }}

{{- /* a rule without peers is for all of them */ -}}
{{- define "imports.egress" -}}
{{- $policy := .root.Values.networkPolicy -}}
- ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
- ports:
    - {port: {{ $policy.databasePort }}}
  {{- with $policy.databasePeers }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- if .kafka }}
- ports:
    - {port: {{ $policy.kafkaPort }}}
  {{- with $policy.kafkaPeers }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- if .root.Values.access.issuer }}
- ports:
    - {port: 443}
{{- end }}
{{- with $policy.egress }}
{{ toYaml . }}
{{- end }}
{{- end }}
