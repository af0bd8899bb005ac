-- Loi de Student et quantile contre les valeurs de R (2 * pt(-t, ddl) et qt(0.975, ddl)), à 1e-9 près en relatif.
{%- set queues = [
    (0.5, 1, 0.7048327646991336),
    (1.5, 1, 0.3743340836219976),
    (2.0, 1, 0.2951672353008664),
    (3.0, 1, 0.20483276469913345),
    (10.0, 1, 0.06345103486110712),
    (0.5, 2, 0.6666666666666667),
    (1.5, 2, 0.2723931248910009),
    (2.0, 2, 0.1835034190722739),
    (3.0, 2, 0.09546596626670913),
    (10.0, 2, 0.009852457023325692),
    (0.0, 3, 1.0),
    (0.5, 3, 0.651447964848151),
    (1.5, 3, 0.23058386524482283),
    (2.0, 3, 0.13932596855884313),
    (3.0, 3, 0.05766888562243731),
    (10.0, 3, 0.0021283990584141494),
    (0.5, 4, 0.6433299631818633),
    (1.5, 4, 0.20799999999999982),
    (2.0, 4, 0.1161165235168155),
    (3.0, 4, 0.03994196807171883),
    (10.0, 4, 0.0005620036227159911),
    (1.8708, 5, 0.12028982445447631),
    (0.5, 7, 0.6324071356892842),
    (1.5, 7, 0.17729848698997003),
    (2.0, 7, 0.08561932856297597),
    (3.0, 7, 0.019942126131992522),
    (10.0, 7, 2.139420289077282e-05),
    (0.5, 30, 0.6207230048851273),
    (1.5, 30, 0.14406592912864608),
    (2.0, 30, 0.0546250449629831),
    (3.0, 30, 0.005389964065651941),
    (10.0, 30, 4.5752514082296097e-11),
    (37.0, 100, 3.6708214035388903e-60),
    (0.5, 499, 0.6172954907844608),
    (1.5, 499, 0.13424681348674294),
    (2.0, 499, 0.04604176678785593),
    (3.0, 499, 0.0028347652358171336),
    (10.0, 499, 1.3971925705270352e-21),
    (0.5, 16399, 0.6170817863596367),
    (1.5, 16399, 0.13363365342556452),
    (2.0, 16399, 0.04551672603735039),
    (3.0, 16399, 0.0027038514494249644),
    (10.0, 16399, 1.7792219405021205e-23),
    (1.8708, 1000000, 0.061373099450403756),
] %}
{%- set quantiles = [
    (1, 12.706204736174694),
    (2, 4.302652729749462),
    (3, 3.1824463052837078),
    (4, 2.7764451051977934),
    (5, 2.5705818356363137),
    (8, 2.306004135204166),
    (12, 2.1788128296672284),
    (30, 2.0422724563012378),
    (100, 1.9839715185235516),
    (300, 1.967903011261086),
    (499, 1.9647293909876884),
    (500, 1.9647198374673673),
    (1000, 1.9623390808264076),
    (16399, 1.9601086545415094),
] %}
with cas as (
    {%- for t, ddl, attendu in queues %}
    select
        cast({{ t }} as double) as t,
        cast({{ ddl }} as bigint) as ddl,
        cast({{ attendu }} as double) as attendu
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- La table est au niveau du programme ; les valeurs de R sont à 95 %.
quantiles as (
    {%- for ddl, attendu in quantiles %}
    select
        cast({{ ddl }} as bigint) as ddl,
        cast({{ attendu }} as double) as attendu
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

parametres as (
    select * from {{ ref('stg_parametres') }}
),

arguments as (
    select
        *,
        {{ arguments_student('t', 'ddl') }}
    from cas
),

calcules as (
    select
        'queue' as fonction,
        ddl,
        attendu,
        {{ p_student('t') }} as calcule
    from arguments
    union all
    select
        'quantile' as fonction,
        quantiles.ddl,
        quantiles.attendu,
        {{ quantile_student('parametres.quantile_confiance', 'quantiles.ddl', 'student.quantile') }} as calcule
    from quantiles
    cross join parametres
    left join {{ ref('int_student') }} as student
        on quantiles.ddl = student.ddl
    where parametres.confiance = 0.95
)

select *
from calcules
where calcule is null or abs(calcule - attendu) > 1e-9 * abs(attendu)
