{% args name, station, asked, ap, notes, pins %}
<!doctype html>
<html lang=en>
<meta charset=utf-8>
<meta name=viewport content="width=device-width">
<title>{{name}}</title>
<link rel=icon href=/static/@/icon.svg>
<link rel=stylesheet href=/static/@/page.css>
<script src=/static/@/page.js defer></script>
<header>
<h1>{{name}}</h1>
<p id=station>{{station}}</p>
</header>
<main>
<div id=notes>{% for note in notes %}<p>{{note}}</p>{% endfor %}</div>
<noscript><p>As it was when the page was opened. <a href="">Look again</a></noscript>
<ul>
{% for pin, board, now, left, more in pins %}
<li id=p-{{pin.name}}>
<h2>{{pin.name}}</h2>
{% if pin.mode == "analog" %}
<p>{{now[0]}} of 1024</p>
<b>{{"%.2f" % now[1]}} V</b>
<meter max=1024 value={{now[0]}} aria-label={{pin.name}}></meter>
{% else %}
<p>{% if board and board != pin.name %}{{board}} · {% endif %}GPIO {{pin.number}}</p>
{% if pin.mode == "in" or pin.read_only %}
<b class={{"on" if now else "off"}}>{{"on" if now else "off"}}</b>
{% if pin.mode == "in" and more is not None %}
<p class=left>changes: {{more}}</p>
{% endif %}
{% else %}
<form method=post>
<input type=hidden name=pin value={{pin.name}}>
<button role=switch name=state value={{"off" if now else "on"}} aria-checked={{"true" if now else "false"}} aria-label={{pin.name}}></button>
</form>
{% if pin.mode == "pwm" %}
<form method=post class=dim>
<input type=hidden name=pin value={{pin.name}}>
<input type=range name=duty max=1023 value={{more[0]}} aria-label="{{pin.name}}, duty">
<b>{{more[0] * 100 // 1023}} %</b>
<noscript><button>Set</button></noscript>
</form>
{% else %}
<p class=left>{% if left is not None %}{{"off" if now else "on"}} in {{left // 1000 + 1}} s{% endif %}</p>
<details>
<summary>Timer</summary>
<form method=post>
<input type=hidden name=pin value={{pin.name}}>
<label><input type=number name=for min=.01 max={{"%d.%03d" % divmod(pin.max_on or 86400000, 1000)}} step=any required> sec</label>
<button name=state value=on>On</button>
<button name=state value=off>Off</button>
</form>
</details>
{% endif %}
{% endif %}
{% endif %}
{% endfor %}
</ul>
<details id=net{% if asked %} open{% endif %}>
<summary>Wi-Fi</summary>
<p id=asked>{{asked}}</p>
<ul id=near></ul>
<form method=post>
<label>Network <input name=ssid maxlength=32 required autocomplete=off autocapitalize=none spellcheck=false></label>
<label>Password <input type=password name=password maxlength=63 autocomplete=off></label>
<button>Join</button>
</form>
<noscript><form method=post><label>Forget <input name=forget required></label><button>Forget</button></form></noscript>
</details>
</main>
<p id=say role=status></p>
<footer><p>{{ap}}</p><a href=/status>Status</a><a href=/log>Log</a><a href=/openapi.json>API</a></footer>
