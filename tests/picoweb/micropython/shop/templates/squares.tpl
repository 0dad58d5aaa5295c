{% args numbers, title="squares" %}
<h1>{{title}}</h1>
{% for n in numbers %}
<p>{{n}}: {{n * n}}</p>
{% endfor %}
