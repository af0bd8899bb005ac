{#-
    La loi normale en double précision, en SQL ordinaire : DuckDB n'a ni erf ni quantile.
-#}

{#- P(Z <= -|x|). Hart (1968) dans la forme de West, « Better approximations to cumulative normal functions » (2005). -#}
{% macro queue_normale(x) -%}
    {%- set a = 'abs(' ~ x ~ ')' -%}
    {%- set haut = [0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931, 220.206867912376] -%}
    {%- set bas = [1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831, 793.826512519948, 440.413735824752] -%}
    case
        when {{ x }} is null then null
        when {{ a }} > 37 then 0.0
        when {{ a }} < 7.07106781186547 then
            exp(-{{ a }} * {{ a }} / 2)
            * {{ horner(a, 0.0352624965998911, haut) }}
            / {{ horner(a, 0.0883883476483184, bas) }}
        else
            exp(-{{ a }} * {{ a }} / 2)
            / ({{ a }} + 1 / ({{ a }} + 2 / ({{ a }} + 3 / ({{ a }} + 4 / ({{ a }} + 0.65)))))
            / 2.506628274631
    end
{%- endmacro %}

{#- Valeur p bilatérale d'un écart réduit z. -#}
{% macro p_bilaterale(z) -%}
    2 * ({{ queue_normale(z) }})
{%- endmacro %}

{#- Quantile de la loi normale. Wichura, algorithme AS 241 (1988), PPND16 : 16 chiffres. -#}
{% macro quantile_normal(p) -%}
    {%- set q = '((' ~ p ~ ') - 0.5)' -%}
    {%- set c = '(0.180625 - ' ~ q ~ ' * ' ~ q ~ ')' -%}
    {%- set r = 'sqrt(-ln(least(' ~ p ~ ', 1 - (' ~ p ~ '))))' -%}
    {%- set centre_haut = [3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080] -%}
    {%- set centre_bas = [2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0] -%}
    {%- set aile_haut = [2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258, 3.64784832476320460504, 5.76949722146069140550, 4.63033784615654529590, 1.42343711074968357734] -%}
    {%- set aile_bas = [5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940, 2.05319162663775882187, 1.0] -%}
    {%- set queue_haut = [2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580, 5.46378491116411436990, 6.65790464350110377720] -%}
    {%- set queue_bas = [1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0] -%}
    case
        when {{ p }} is null or {{ p }} <= 0 or {{ p }} >= 1 then null
        when abs({{ q }}) <= 0.425 then
            {{ q }}
            * {{ horner(c, 2.5090809287301226727e3, centre_haut) }}
            / {{ horner(c, 5.2264952788528545610e3, centre_bas) }}
        when {{ r }} <= 5 then
            sign({{ q }})
            * {{ horner('(' ~ r ~ ' - 1.6)', 7.74545014278341407640e-4, aile_haut) }}
            / {{ horner('(' ~ r ~ ' - 1.6)', 1.05075007164441684324e-9, aile_bas) }}
        else
            sign({{ q }})
            * {{ horner('(' ~ r ~ ' - 5)', 2.01033439929228813265e-7, queue_haut) }}
            / {{ horner('(' ~ r ~ ' - 5)', 2.04426310338993978564e-15, queue_bas) }}
    end
{%- endmacro %}

{#- Polynôme par la méthode de Horner, du coefficient dominant au terme constant. -#}
{% macro horner(x, dominant, suite) -%}
    {%- set ns = namespace(p='cast(' ~ '%.20e' | format(dominant) ~ ' as double)') -%}
    {%- for coefficient in suite -%}
        {%- set ns.p = '(' ~ ns.p ~ ' * ' ~ x ~ ' + ' ~ '%.20e' | format(coefficient) ~ ')' -%}
    {%- endfor -%}
    {{ ns.p }}
{%- endmacro %}
