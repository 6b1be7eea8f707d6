"""Writes templates.json: our templates, rendered by jinja2 as Transformers sets it up."""
import json
import pathlib
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.exceptions import TemplateError

T = {
"chatml": "{% for message in messages %}\n  {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}\n{% endfor %}\n{% if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' -}}\n{% endif %}\n",
"headers": "{{ bos_token }}{# header ids #}\n{% if messages[0]['role'] == 'system' %}\n  {% set system = messages[0].content|trim %}\n  {% set rest = messages[1:] %}\n{% else %}\n  {% set system = '' %}{% set rest = messages %}\n{% endif %}\n{{ '<|start_header_id|>system<|end_header_id|>\\n\\n' ~ system ~ '<|eot_id|>' }}\n{%- for m in rest %}\n    {{- '<|start_header_id|>' + m.role + '<|end_header_id|>\\n\\n' + m.content | trim + '<|eot_id|>' }}\n{%- endfor %}\n{%- if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}\n",
"inst": "{{ bos_token }}{% for m in messages if m.role != 'system' %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}{% if m.role == 'user' %}{{ '[INST] ' + m.content.strip() + ' [/INST]' }}{% elif m.role == 'assistant' %}{{ ' ' ~ m.content ~ eos_token }}{% else %}{{ raise_exception('unknown role ' + m.role) }}{% endif %}{% if loop.last and not add_generation_prompt %} .{% endif %}{% endfor %}",
"tools": "{%- set ns = namespace(last=-1, n=0) %}\n{%- if tools is defined and tools %}\n{{- tools | tojson }}\n{%- elif messages[0].role != 'system' %}\n{{- '<|im_start|>system\\nBe useful.<|im_end|>\\n' }}\n{%- endif %}\n{%- for m in messages[::-1] %}\n  {%- set ns.n = ns.n + 1 %}\n  {%- if ns.last == -1 and m.role == 'user' and not (m.content is string and m.content.startswith('<tool>')) %}{% set ns.last = messages|length - loop.index %}{% endif %}\n{%- endfor %}\n{%- for m in messages %}\n  {%- if m.tool_calls is defined %}{{ m.tool_calls }}{% endif %}\n{{- '<|im_start|>' + m.role + '\\n' + m.content + ('*' if loop.index0 == ns.last else '') + '<|im_end|>\\n' }}\n{%- endfor %}\n{{- 'n=' ~ ns.n ~ ' ' ~ messages|tojson }}\n{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}\n",
"smol": "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nBe kind<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
"white": "  {% if true %}\n a\n  {%- if false %}x{% endif +%}\n  {# c #}\n b {% if 1 < 2 %}\n\n c{% endif %}  \n\t{%+ if 'b' in 'abc' and 'z' not in ['a'] %} d {%- endif %}\n{% endif %}\n{{ 7 // 2 }} {{ -7 % 3 }} {{ 1.5 + 1 }} {{ none }} {{ missing }} {{ 'äöü😀x'[::-1] }} {{ 'a,b,,'.split(',')|join('+') }} {{ [',a','b']|last }} {{ {'k': 1}.get('q', 'no') }}{% for k, v in {'x': 1, 'y': 2}.items() %} {{ k }}={{ v }}{% endfor %} {{ missing | default('d') }} {{ ['', 'b']|join('-') }} {{ 'Ab'|upper ~ 'Ab'.lower() }}\n\n",
"equal": "{{ [1, [2.0]] == [true, [2]] }} {{ {'a': 1, 'b': [1]} == {'b': [1.0], 'a': true} }} {{ [1] == [1, 2] }} {{ [[1.0]] != [[1]] }} {{ [1] in [[true]] }} {{ {'a': 1} == {'b': 1} }} {{ [1] == {} }}{% set a = namespace(x=1) %}{% set b = namespace(x=1) %}{% set a.me = a %}{% set b.me = b %} {{ a == a }} {{ a == b }} {{ [a] == [a] }} {{ [missing, none] == [missing, none] }} {{ {'a': [1, {'b': none}, []], 'c': {}, 'd': [true, 'x']}|tojson }}",
}
def u(role, content):
    return {"role": role, "content": content}
C = [[u("user", "Hi")], [u("system", " Be terse.\n"), u("user", "Größe 😀?"), u("assistant", "4 & <b>\"'"), u("user", " a\nb\u00a0 ")],
     [u("user", "")], [u("user", "x"), u("user", "y")], [u("system", "only")], [u("user", "<tool>\u2028\\ 1"), u("assistant", "{{ x }}")]]
env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
env.filters["tojson"] = lambda x: json.dumps(x, ensure_ascii=False)
def refuse(message):
    raise TemplateError(message)
env.globals["raise_exception"] = refuse
out = []
for name, text in T.items():
    for messages in C:
        for add in (True, False):
            case = {"name": name, "template": text, "messages": messages, "add": add}
            try:
                case["rendered"] = env.from_string(text).render(messages=messages, add_generation_prompt=add, bos_token="<s>", eos_token="</s>")
            except TemplateError as e:
                case["refused"] = str(e)
            out.append(case)
pathlib.Path(__file__).with_name("templates.json").write_text(json.dumps(out, indent=1) + "\n")
