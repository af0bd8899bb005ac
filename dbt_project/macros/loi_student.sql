{#-
    La loi de Student en double précision, en SQL ordinaire, pour tout nombre entier de degrés de liberté. Écart relatif à R
    (pt, qt) sous 1e-9 : tests/unites/loi_student_connue.sql.
-#}

{#- Ce dont p_student a besoin et répète soixante fois : des colonnes, calculées une fois. -#}
{% macro arguments_student(t, ddl) -%}
    cast({{ ddl }} as double) as student_ddl,
    {{ ddl }} / ({{ ddl }} + {{ t }} * {{ t }}) as student_x,
    {{ t }} * {{ t }} / ({{ ddl }} + {{ t }} * {{ t }}) as student_y
{%- endmacro %}

{#-
    P(|T| >= |t|), les colonnes de arguments_student étant là. Fonction bêta incomplète I_x(ddl/2, 1/2), x = ddl/(ddl + t²) : près
    du centre, un moins sa série à termes positifs ; au-delà, sa fraction continue, évaluée du fond (Abramowitz et Stegun 26.5.4
    et 26.5.8). Un et deux degrés de liberté ont une forme close.
-#}
{% macro p_student(t) -%}
    {%- set nu = 'student_ddl' -%}
    {#- |t| / (√ddl B(ddl/2, 1/2)) (1 + t²/ddl)^(-(ddl + 1)/2) -#}
    {%- set densite = '(abs(' ~ t ~ ') * ' ~ rapport_gamma('(' ~ nu ~ ' / 2)') ~ ' / sqrt(3.141592653589793e0 * ' ~ nu ~ ') * exp(-('
        ~ nu ~ ' + 1) / 2 * ln(1 + ' ~ t ~ ' * ' ~ t ~ ' / ' ~ nu ~ ')))' -%}
    {%- set ns = namespace(serie='1e0', fraction='1e0') -%}
    {#- Écrits en double (e0) : un littéral décimal ferait de chaque pas une conversion. -#}
    {%- for n in range(34, 0, -1) -%}
        {%- set ns.serie = '(1e0 + student_y * (' ~ nu ~ ' + ' ~ (2 * n - 1) ~ 'e0) * ' ~ ns.serie ~ ' / ' ~ (2 * n + 1) ~ 'e0)' -%}
    {%- endfor -%}
    {%- for m in range(30, 0, -1) -%}
        {%- set ns.fraction = '(1e0 - student_x * (' ~ nu ~ ' + ' ~ (2 * m) ~ 'e0) * (' ~ nu ~ ' + ' ~ (2 * m + 1) ~ 'e0) / ((' ~ nu ~ ' + '
            ~ (4 * m) ~ 'e0) * (' ~ nu ~ ' + ' ~ (4 * m + 2) ~ 'e0) * ' ~ ns.fraction ~ '))' -%}
        {%- set ns.fraction = '(1e0 - student_x * ' ~ (2 * m * (2 * m - 1)) ~ 'e0 / ((' ~ nu ~ ' + ' ~ (4 * m - 2) ~ 'e0) * (' ~ nu ~ ' + '
            ~ (4 * m) ~ 'e0) * ' ~ ns.fraction ~ '))' -%}
    {%- endfor -%}
    case
        when {{ t }} is null or student_ddl is null then null
        when student_ddl = 1
            then 0.6366197723675814 * case when {{ t }} = 0 then 1.5707963267948966 else atan(1 / abs({{ t }})) end
        when student_ddl = 2 then student_x / (1 + sqrt(student_y))
        when abs({{ t }}) > 1e50 then 0.0
        when {{ t }} * {{ t }} < least(3.5, 0.7 * student_ddl) then 1 - 2 * {{ densite }} * {{ ns.serie }}
        else
            {{ densite }} * 2 / student_ddl
            / (1e0 - student_x * (student_ddl + 1) / (student_ddl + 2) / {{ ns.fraction }})
    end
{%- endmacro %}

{#- Γ(a + 1/2) / Γ(a) : développement asymptotique en a + 12, ramené par récurrence. -#}
{% macro rapport_gamma(a) -%}
    {%- set coefficients = [1.0, -1/8, 1/128, 5/1024, -21/32768, -399/262144, 869/4194304, 39325/33554432] -%}
    {%- set n = '(' ~ a ~ ' + 12)' -%}
    {%- set facteurs = [] -%}
    {%- for j in range(12) -%}
        {%- do facteurs.append('(' ~ a ~ ' + ' ~ j ~ ') / (' ~ a ~ ' + ' ~ (j + 0.5) ~ ')') -%}
    {%- endfor -%}
    {%- set suite = coefficients[:-1] | reverse | list -%}
    {{ return('(' ~ facteurs | join(' * ') ~ ' * sqrt(' ~ n ~ ') * ' ~ horner('(1 / ' ~ n ~ ')', coefficients[-1], suite) ~ ')') }}
{%- endmacro %}

{#- Densité de la loi de Student. -#}
{% macro densite_student(t, ddl) -%}
    {{ return(
        '(' ~ rapport_gamma('(' ~ ddl ~ ' / 2.0)') ~ ' / sqrt(3.141592653589793 * ' ~ ddl ~ ') * exp(-(' ~ ddl
        ~ ' + 1) / 2.0 * ln(1 + ' ~ t ~ ' * ' ~ t ~ ' / ' ~ ddl ~ ')))'
    ) }}
{%- endmacro %}

{#- Développement de Cornish-Fisher du quantile, z étant celui de la loi normale (Abramowitz et Stegun 26.7.5). -#}
{% macro cornish_fisher(z, ddl) -%}
    {%- set z2 = '(' ~ z ~ ' * ' ~ z ~ ')' -%}
    ({{ z }} * (
        1
        + ({{ z2 }} + 1) / 4 / {{ ddl }}
        + ((5 * {{ z2 }} + 16) * {{ z2 }} + 3) / 96 / {{ ddl }} / {{ ddl }}
        + (((3 * {{ z2 }} + 19) * {{ z2 }} + 17) * {{ z2 }} - 15) / 384 / {{ ddl }} / {{ ddl }} / {{ ddl }}
        + ((((79 * {{ z2 }} + 776) * {{ z2 }} + 1482) * {{ z2 }} - 1920) * {{ z2 }} - 945)
        / 92160 / {{ ddl }} / {{ ddl }} / {{ ddl }} / {{ ddl }}
    ))
{%- endmacro %}

{#- Jusqu'ici le quantile est lu dans int_student ; au-delà le développement a toute la précision voulue. -#}
{% macro ddl_tabules() -%}
    {{ return(500) }}
{%- endmacro %}

{#- Quantile bilatéral : celui de la table, jointe par `ddl`, sinon le développement. -#}
{% macro quantile_student(z, ddl, tabule) -%}
    case when {{ ddl }} >= {{ ddl_tabules() }} then {{ cornish_fisher(z, ddl) }} else {{ tabule }} end
{%- endmacro %}
